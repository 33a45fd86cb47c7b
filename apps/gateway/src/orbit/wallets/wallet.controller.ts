import { Body, Controller, Get, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { formatAmount } from '@orbit/money';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ManagePayments } from '../payments/manage-payments.js';
import { ReadBalance } from './read-balance.js';
import { StartTopUp } from '../payments/start-top-up.js';
import { balanceView, type BalanceView } from './balance-view.js';
import { readUnit } from '../../edge/requests/wallet-unit.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import { BalanceModel, StatusModel, TopUpBody, TopUpModel } from './wallet.models.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing')
export class WalletController {
  constructor(
    private readonly readBalance: ReadBalance,
    private readonly startTopUp: StartTopUp,
    private readonly managePayments: ManagePayments,
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
      this.managePayments.peekAutoReload(request.principal),
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
      this.managePayments.peekAutoReload(request.principal),
    ]);
    return this.envelopes.wrap(request, balanceView(reading, autoReload));
  }

  @Post(['balance/top-up', 'credits/purchase'])
  @HttpCode(200)
  @ApiOperation({ summary: 'Start a top-up; returns the address of the checkout page' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: '8 to 255 visible characters. The same key answers the original page.',
    schema: { type: 'string', minLength: 8, maxLength: 255, example: 'topup-2026-05-16-1' },
  })
  @ApiAnswer(200, TopUpModel, 'Where to send the person.', { isReplayable: true })
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'unsupported_currency')
  @ApiErrors('idempotency_key_conflict', 'idempotency_key_in_use', 'payment_provider_error')
  async topUp(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body(new DtoReader(TopUpBody)) body: TopUpBody,
  ): Promise<Envelope<TopUpModel>> {
    const { principal } = request;
    const { checkout_url, replayed } = await this.startTopUp.run(principal, {
      amountMinor: body.amount,
      currency: body.currency === undefined ? principal.currency : readUnit(body.currency),
      successUrl: body.successUrl,
      cancelUrl: body.cancelUrl,
      idempotencyKey: readIdempotencyKey(idempotencyKey),
    });
    if (replayed) reply.header('idempotency-replayed', 'true');
    return this.envelopes.wrap(request, { checkoutUrl: checkout_url });
  }
}
