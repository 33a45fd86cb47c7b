import { Controller, Get, Headers, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  OperatorTopUp,
  ResolveTopUpBody,
  shapes,
  ShownTopUp,
  TOP_UPS,
  TopUpNowBody,
  TopUpNowView,
  TopUpsQuery,
  type TopUpView,
} from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TopUpNow } from './top-up-now.js';
import { shownUnit } from '../../edge/requests/wallet-unit.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { modelOf } from '../../edge/docs/shape-model.js';
import { Envelopes, type Envelope, type Meta } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { BodyOf, QueryOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing')
export class TopUpsController {
  constructor(
    private readonly topUpNow: TopUpNow,
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Post('credits/topup')
  @HttpCode(200)
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      '8 to 255 visible characters. The same key is the same payment, for ever; without one each request is a payment of its own.',
    schema: { type: 'string', minLength: 8, maxLength: 255, example: 'topup-2026-05-16-1' },
  })
  @ApiOf(TOP_UPS.charge, {
    summary: 'Top up now, with the default payment method',
    answers: 'Paid, and in the balance.',
    shows: TopUpNowView,
    isReplayable: true,
    reads: 'body',
    errors: ['payment_declined', 'payment_action_required'],
  })
  @ApiAnswer(202, modelOf(TopUpNowView), 'Under way, or paid and not yet in the balance.')
  async topUp(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @BodyOf(TopUpNowBody) body: TopUpNowBody,
  ): Promise<Envelope<TopUpNowView>> {
    const { principal } = request;
    const { topup, isBooked, balanceMinor } = await this.topUpNow.run(principal, {
      amountMinor: body.amount,
      currency: body.currency,
      returnUrl: body.returnUrl,
      idempotencyKey: idempotencyKey === undefined ? undefined : readIdempotencyKey(idempotencyKey),
    });
    if (topup.replayed) reply.header('idempotency-replayed', 'true');
    if (!isBooked) reply.code(202);
    return this.envelopes.wrap(request, {
      balance: balanceMinor,
      topped_up: isBooked ? topup.amount_minor : 0,
      currency: shownUnit(topup.currency),
      payment_id: topup.payment_intent_id,
      topup_id: topup.topup_id,
      state: isBooked || topup.state !== 'succeeded' ? topup.state : 'processing',
    });
  }

  @Get('topups/:topup_id')
  @ApiOf(TOP_UPS.read, { summary: 'Get a top-up', answers: 'The top-up.', shows: ShownTopUp })
  async read(
    @Req() request: FastifyRequest,
    @Param('topup_id') topup_id: string,
  ): Promise<Envelope<ShownTopUp>> {
    const { organization_id } = ownWallet(request.principal);
    const topup = await this.clients.topUps.read({ organization_id, topup_id });
    return this.envelopes.wrap(request, shownTopUp(topup));
  }
}

interface TopUpsAnswer {
  readonly data: readonly OperatorTopUp[];
  readonly meta: Meta & {
    readonly pagination: { readonly cursor: string | null; readonly has_more: boolean };
  };
}

@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/topups')
export class OperatorTopUpsController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOf(TOP_UPS.list, {
    summary:
      'List top-ups of all organizations, newest first; `state=parked` lists those that wait for an operator',
    answers: 'One page.',
    shows: shapes.list(OperatorTopUp),
    reads: 'query',
  })
  async list(
    @Req() request: FastifyRequest,
    @QueryOf(TopUpsQuery) { cursor, ...query }: TopUpsQuery,
  ): Promise<TopUpsAnswer> {
    const { topups, has_more } = await this.clients.topUps.list({
      ...query,
      ...(cursor === undefined ? {} : { after_id: cursor }),
    });
    const data = topups.map(operatorTopUp);
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }

  @Post(':topup_id/resolve')
  @HttpCode(200)
  @ApiOf(TOP_UPS.resolve, {
    summary: 'Resolve a parked top-up: credit the received amount or dismiss it',
    answers: 'The top-up as it is now.',
    shows: OperatorTopUp,
    reads: 'body',
  })
  async resolve(
    @Req() request: FastifyRequest,
    @Param('topup_id') topup_id: string,
    @BodyOf(ResolveTopUpBody) body: ResolveTopUpBody,
  ): Promise<Envelope<OperatorTopUp>> {
    const topup = await this.clients.topUps.resolve({ ...body, topup_id });
    return this.envelopes.wrap(request, operatorTopUp(topup));
  }
}

const shownTopUp = (topup: TopUpView): ShownTopUp => ({
  id: topup.topup_id,
  kind: topup.kind,
  state: topup.state,
  reason: topup.reason,
  amount_minor: topup.amount_minor,
  amount: topup.amount,
  currency: shownUnit(topup.currency),
  payment_minor: topup.payment_minor,
  payment_currency: shownUnit(topup.payment_currency),
  payment_id: topup.payment_intent_id,
  action_url: topup.action_url,
  created_at: topup.created_at,
});

const operatorTopUp = (topup: TopUpView): OperatorTopUp => ({
  ...shownTopUp(topup),
  organization_id: topup.organization_id,
  received_minor: topup.received_minor,
  received_currency: topup.received_currency?.toLowerCase() ?? null,
  is_creditable: topup.is_creditable,
  checkout_session_id: topup.checkout_session_id,
});
