import { Controller, Get, Headers, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { TOP_UPS, TopUpBody, TopUpPageAddress } from '@orbit/contracts';
import { formatAmount } from '@orbit/money';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { paidFor } from '../payments/paid-for.js';
import { peekAutoReload } from '../payments/peek-auto-reload.js';
import { ReadBalance } from './read-balance.js';
import { balanceView, type BalanceView } from './balance-view.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import { BodyOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { BalanceModel, StatusModel } from './wallet.models.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing')
export class WalletController {
  constructor(
    private readonly readBalance: ReadBalance,
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('status')
  @ApiOperation({
    summary: 'Report whether the organization can send, and which organization the key belongs to',
  })
  @ApiAnswer(200, StatusModel, 'The status.')
  async status(@Req() request: FastifyRequest): Promise<Envelope<StatusModel>> {
    const { organizationId, currency, mode } = request.principal;
    const [{ pausedReason, leasesOpen, leasedMicros }, auto_reload] = await Promise.all([
      this.readBalance.run(request.principal),
      peekAutoReload(this.clients.autoReload, request.principal),
    ]);
    return this.envelopes.wrap(request, {
      organization_id: organizationId,
      mode,
      billing_model: 'prepaid',
      currency: currency.toLowerCase(),
      outbound_enabled: pausedReason === null,
      outbound_paused: pausedReason !== null,
      outbound_block_reason: pausedReason,
      leases: { open: leasesOpen, held: formatAmount(leasedMicros, currency) },
      auto_reload,
    });
  }

  @Get(['balance', 'credits'])
  @ApiOperation({ summary: 'Get the balance of the wallet' })
  @ApiAnswer(200, BalanceModel, 'Integer cents, with the exact decimal strings beside them.')
  async balance(@Req() request: FastifyRequest): Promise<Envelope<BalanceView>> {
    const [reading, autoReload] = await Promise.all([
      this.readBalance.run(request.principal),
      peekAutoReload(this.clients.autoReload, request.principal),
    ]);
    return this.envelopes.wrap(request, balanceView(reading, autoReload));
  }

  @Post(['balance/top-up', 'credits/purchase'])
  @HttpCode(200)
  @ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: '8 to 255 visible characters. The same key answers the original page.',
    schema: { type: 'string', minLength: 8, maxLength: 255, example: 'topup-2026-05-16-1' },
  })
  @ApiOf(TOP_UPS.create, {
    summary: 'Start a top-up; returns the address of the checkout page',
    answers: 'Where to send the person.',
    shows: TopUpPageAddress,
    isReplayable: true,
    reads: 'body',
  })
  async topUp(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @BodyOf(TopUpBody) body: TopUpBody,
  ): Promise<Envelope<TopUpPageAddress>> {
    const { principal } = request;
    const { checkout_url, replayed } = await this.clients.topUps.create({
      organization_id: principal.organizationId,
      amount_minor: body.amount,
      ...paidFor(principal, body.currency),
      success_url: body.successUrl,
      cancel_url: body.cancelUrl,
      idempotency_key: readIdempotencyKey(idempotencyKey),
    });
    if (replayed) reply.header('idempotency-replayed', 'true');
    return this.envelopes.wrap(request, { checkoutUrl: checkout_url });
  }
}
