import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { DisputeView, RefundView } from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ManageRefunds } from './manage-refunds.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope, type Meta } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import {
  CreateRefundBody,
  DisputeModel,
  DisputesQuery,
  ReconcileBody,
  RefundModel,
  RefundsQuery,
  StripeReportModel,
} from './refunds.models.js';

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
    private readonly manageRefunds: ManageRefunds,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: 'Refund a top-up, in full or up to its unspent amount' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: '8 to 255 visible characters. The same key is the same refund, for ever.',
    schema: { type: 'string', minLength: 8, maxLength: 255, example: 'refund-2026-05-16-1' },
  })
  @ApiAnswer(201, RefundModel, 'Under way, or done.', { isReplayable: true })
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'not_found', 'conflict')
  @ApiErrors('refund_exceeds_unspent', 'idempotency_key_conflict', 'payment_provider_error')
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body(new DtoReader(CreateRefundBody)) body: CreateRefundBody,
  ): Promise<Envelope<RefundModel>> {
    const { topup_id, payment_id, amount, reason } = body;
    const refund = await this.manageRefunds.create(request.principal, {
      idempotency_key: readIdempotencyKey(idempotencyKey),
      ...(topup_id === undefined ? {} : { topup_id }),
      ...(payment_id === undefined ? {} : { payment_id }),
      ...(amount === undefined ? {} : { amount_minor: amount }),
      ...(reason === undefined ? {} : { reason }),
    });
    if (refund.replayed) reply.header('idempotency-replayed', 'true');
    return this.envelopes.wrap(request, toModel(refund));
  }

  @Get()
  @ApiOperation({ summary: 'List refunds, newest first' })
  @ApiAnswer(200, RefundModel, 'One page.', { isArray: true })
  @ApiErrors('invalid_field', 'unknown_field')
  async list(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(RefundsQuery)) { limit, cursor, topup_id }: RefundsQuery,
  ): Promise<Page<RefundModel>> {
    const { refunds, has_more } = await this.manageRefunds.list(request.principal, {
      limit,
      ...(topup_id === undefined ? {} : { topup_id }),
      ...(cursor === undefined ? {} : { after_id: cursor }),
    });
    const data = refunds.map(toModel);
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }

  @Get(':refund_id')
  @ApiOperation({ summary: 'Get a refund' })
  @ApiAnswer(200, RefundModel, 'The refund.')
  @ApiErrors('not_found')
  async read(
    @Req() request: FastifyRequest,
    @Param('refund_id') refundId: string,
  ): Promise<Envelope<RefundModel>> {
    const refund = await this.manageRefunds.read(request.principal, refundId);
    return this.envelopes.wrap(request, toModel(refund));
  }
}

@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator')
export class OperatorRefundsController {
  constructor(
    private readonly manageRefunds: ManageRefunds,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('disputes')
  @ApiOperation({ summary: 'List disputes of all organizations, newest first' })
  @ApiAnswer(200, DisputeModel, 'One page.', { isArray: true })
  @ApiErrors('invalid_field', 'unknown_field')
  async disputes(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(DisputesQuery)) query: DisputesQuery,
  ): Promise<Page<DisputeModel>> {
    const { state, organization_id, cursor, limit } = query;
    const { disputes, has_more } = await this.manageRefunds.listDisputes({
      limit,
      ...(state === undefined ? {} : { state }),
      ...(organization_id === undefined ? {} : { organization_id }),
      ...(cursor === undefined ? {} : { after_id: cursor }),
    });
    const data = disputes.map(toDispute);
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }

  @Post('reconcile/stripe')
  @HttpCode(200)
  @ApiOperation({ summary: 'Reconcile Stripe with the ledger now' })
  @ApiAnswer(200, StripeReportModel, 'What was compared, and each difference.')
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'payment_provider_error')
  async reconcile(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(ReconcileBody)) { since, fix }: ReconcileBody,
  ): Promise<Envelope<StripeReportModel>> {
    const report = await this.manageRefunds.reconcile({
      ...(since === undefined ? {} : { since }),
      ...(fix === undefined ? {} : { fix }),
    });
    return this.envelopes.wrap(request, report);
  }
}

const toModel = (refund: RefundView): RefundModel => ({
  id: refund.refund_id,
  topup_id: refund.topup_id,
  payment_id: refund.payment_intent_id,
  state: refund.state,
  amount_minor: refund.amount_minor,
  amount: refund.amount,
  currency: refund.currency.toLowerCase(),
  unit: refund.unit.toLowerCase(),
  reason: refund.reason,
  failure_reason: refund.failure_reason,
  origin: refund.origin,
  created_at: refund.created_at,
  refunded_at: refund.refunded_at,
});

const toDispute = (dispute: DisputeView): DisputeModel => ({
  id: dispute.dispute_id,
  organization_id: dispute.organization_id,
  topup_id: dispute.topup_id,
  payment_id: dispute.payment_intent_id,
  state: dispute.state,
  amount_minor: dispute.amount_minor,
  amount: dispute.amount,
  currency: dispute.currency.toLowerCase(),
  unit: dispute.unit.toLowerCase(),
  fee_minor: dispute.fee_minor,
  reason: dispute.reason,
  evidence_due_at: dispute.evidence_due_at,
  opened_at: dispute.opened_at,
  closed_at: dispute.closed_at,
});
