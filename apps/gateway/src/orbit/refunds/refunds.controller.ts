import { Controller, Get, Headers, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  CreateRefundBody,
  DisputesQuery,
  ReconcileBody,
  REFUNDS,
  RefundsQuery,
  shapes,
  ShownDispute,
  ShownRefund,
  STRIPE_RECONCILIATION,
  type DisputeView,
  type RefundView,
  type StripeReport,
} from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope, type Meta } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { BodyOf, QueryOf } from '../../edge/requests/shape-params.js';
import { shownUnit } from '../../edge/requests/wallet-unit.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

interface Page<T> {
  readonly data: readonly T[];
  readonly meta: Meta & {
    readonly pagination: { readonly cursor: string | null; readonly has_more: boolean };
  };
}

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/refunds')
export class RefundsController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: '8 to 255 visible characters. The same key is the same refund, for ever.',
    schema: { type: 'string', minLength: 8, maxLength: 255, example: 'refund-2026-05-16-1' },
  })
  @ApiOf(REFUNDS.create, {
    summary: 'Refund a top-up, in full or up to its unspent amount',
    status: 201,
    answers: 'Under way, or done.',
    shows: ShownRefund,
    isReplayable: true,
    reads: 'body',
  })
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @BodyOf(CreateRefundBody) { amount, ...body }: CreateRefundBody,
  ): Promise<Envelope<ShownRefund>> {
    const { organization_id } = ownWallet(request.principal);
    const refund = await this.clients.refunds.create({
      ...body,
      organization_id,
      idempotency_key: readIdempotencyKey(idempotencyKey),
      ...(amount === undefined ? {} : { amount_minor: amount }),
    });
    if (refund.replayed) reply.header('idempotency-replayed', 'true');
    return this.envelopes.wrap(request, shownRefund(refund));
  }

  @Get()
  @ApiOf(REFUNDS.list, {
    summary: 'List refunds, newest first',
    answers: 'One page.',
    shows: shapes.list(ShownRefund),
    reads: 'query',
  })
  async list(
    @Req() request: FastifyRequest,
    @QueryOf(RefundsQuery) { cursor, ...query }: RefundsQuery,
  ): Promise<Page<ShownRefund>> {
    const { organization_id } = ownWallet(request.principal);
    const { refunds, has_more } = await this.clients.refunds.list({
      ...query,
      organization_id,
      ...(cursor === undefined ? {} : { after_id: cursor }),
    });
    const data = refunds.map(shownRefund);
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }

  @Get(':refund_id')
  @ApiOf(REFUNDS.read, { summary: 'Get a refund', answers: 'The refund.', shows: ShownRefund })
  async read(
    @Req() request: FastifyRequest,
    @Param('refund_id') refund_id: string,
  ): Promise<Envelope<ShownRefund>> {
    const { organization_id } = ownWallet(request.principal);
    const refund = await this.clients.refunds.read({ organization_id, refund_id });
    return this.envelopes.wrap(request, shownRefund(refund));
  }
}

@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator')
export class OperatorRefundsController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('disputes')
  @ApiOf(REFUNDS.listDisputes, {
    summary: 'List disputes of all organizations, newest first',
    answers: 'One page.',
    shows: shapes.list(ShownDispute),
    reads: 'query',
  })
  async disputes(
    @Req() request: FastifyRequest,
    @QueryOf(DisputesQuery) { cursor, ...query }: DisputesQuery,
  ): Promise<Page<ShownDispute>> {
    const { disputes, has_more } = await this.clients.refunds.listDisputes({
      ...query,
      ...(cursor === undefined ? {} : { after_id: cursor }),
    });
    const data = disputes.map(shownDispute);
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }

  @Post('reconcile/stripe')
  @HttpCode(200)
  @ApiOf(STRIPE_RECONCILIATION.run, {
    summary: 'Reconcile Stripe with the ledger now',
    answers: 'What was compared, and each difference.',
    reads: 'body',
  })
  async reconcile(
    @Req() request: FastifyRequest,
    @BodyOf(ReconcileBody) body: ReconcileBody,
  ): Promise<Envelope<StripeReport>> {
    return this.envelopes.wrap(request, await this.clients.stripeReconciliation.run(body));
  }
}

const shownRefund = (refund: RefundView): ShownRefund => ({
  id: refund.refund_id,
  topup_id: refund.topup_id,
  payment_id: refund.payment_intent_id,
  state: refund.state,
  amount_minor: refund.amount_minor,
  amount: refund.amount,
  currency: shownUnit(refund.currency),
  unit: shownUnit(refund.unit),
  reason: refund.reason,
  failure_reason: refund.failure_reason,
  origin: refund.origin,
  created_at: refund.created_at,
  refunded_at: refund.refunded_at,
});

const shownDispute = (dispute: DisputeView): ShownDispute => ({
  id: dispute.dispute_id,
  organization_id: dispute.organization_id,
  topup_id: dispute.topup_id,
  payment_id: dispute.payment_intent_id,
  state: dispute.state,
  amount_minor: dispute.amount_minor,
  amount: dispute.amount,
  currency: shownUnit(dispute.currency),
  unit: shownUnit(dispute.unit),
  fee_minor: dispute.fee_minor,
  reason: dispute.reason,
  evidence_due_at: dispute.evidence_due_at,
  opened_at: dispute.opened_at,
  closed_at: dispute.closed_at,
});
