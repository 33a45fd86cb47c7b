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
import type { TopUpView } from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ManagePayments } from './manage-payments.js';
import { TopUpNow } from './top-up-now.js';
import { readUnit } from '../../edge/requests/wallet-unit.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope, type Meta } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import {
  OperatorTopUpModel,
  ResolveTopUpBody,
  TopUpNowBody,
  TopUpNowModel,
  TopUpsQuery,
  TopUpStateModel,
} from './topups.models.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing')
export class TopUpsController {
  constructor(
    private readonly topUpNow: TopUpNow,
    private readonly managePayments: ManagePayments,
    private readonly envelopes: Envelopes,
  ) {}

  @Post('credits/topup')
  @HttpCode(200)
  @ApiOperation({ summary: 'Top up now, with the default payment method' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      '8 to 255 visible characters. The same key is the same payment, for ever; without one each request is a payment of its own.',
    schema: { type: 'string', minLength: 8, maxLength: 255, example: 'topup-2026-05-16-1' },
  })
  @ApiAnswer(200, TopUpNowModel, 'Paid, and in the balance.', { isReplayable: true })
  @ApiAnswer(202, TopUpNowModel, 'Under way, or paid and not yet in the balance.')
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'unsupported_currency')
  @ApiErrors('payment_declined', 'payment_action_required', 'payment_method_required')
  @ApiErrors('idempotency_key_conflict', 'idempotency_key_in_use', 'payment_provider_error')
  async topUp(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body(new DtoReader(TopUpNowBody)) body: TopUpNowBody,
  ): Promise<Envelope<TopUpNowModel>> {
    const { principal } = request;
    const { topup, isBooked, balanceMinor } = await this.topUpNow.run(principal, {
      amountMinor: body.amount,
      currency: body.currency === undefined ? principal.currency : readUnit(body.currency),
      returnUrl: body.returnUrl,
      idempotencyKey: idempotencyKey === undefined ? undefined : readIdempotencyKey(idempotencyKey),
    });
    if (topup.replayed) reply.header('idempotency-replayed', 'true');
    if (!isBooked) reply.code(202);
    return this.envelopes.wrap(request, {
      balance: balanceMinor,
      topped_up: isBooked ? topup.amount_minor : 0,
      currency: topup.currency.toLowerCase(),
      payment_id: topup.payment_intent_id,
      topup_id: topup.topup_id,
      state: isBooked || topup.state !== 'succeeded' ? topup.state : 'processing',
    });
  }

  @Get('topups/:topup_id')
  @ApiOperation({ summary: 'Get a top-up' })
  @ApiAnswer(200, TopUpStateModel, 'The top-up.')
  @ApiErrors('not_found')
  async read(
    @Req() request: FastifyRequest,
    @Param('topup_id') topupId: string,
  ): Promise<Envelope<TopUpStateModel>> {
    const topup = await this.managePayments.readTopUp(request.principal, topupId);
    return this.envelopes.wrap(request, toState(topup));
  }
}

interface TopUpsAnswer {
  readonly data: readonly OperatorTopUpModel[];
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
    private readonly managePayments: ManagePayments,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({
    summary:
      'List top-ups of all organizations, newest first; `state=parked` lists those that wait for an operator',
  })
  @ApiAnswer(200, OperatorTopUpModel, 'One page.', { isArray: true })
  @ApiErrors('invalid_field', 'unknown_field')
  async list(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(TopUpsQuery)) query: TopUpsQuery,
  ): Promise<TopUpsAnswer> {
    const { state, organization_id, cursor, limit } = query;
    const { topups, has_more } = await this.managePayments.listTopUps({
      limit,
      ...(state === undefined ? {} : { state }),
      ...(organization_id === undefined ? {} : { organization_id }),
      ...(cursor === undefined ? {} : { after_id: cursor }),
    });
    const data = topups.map(toOperatorView);
    const pagination = { cursor: has_more ? (data.at(-1)?.id ?? null) : null, has_more };
    return { data, meta: { ...this.envelopes.meta(request), pagination } };
  }

  @Post(':topup_id/resolve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Resolve a parked top-up: credit the received amount or dismiss it' })
  @ApiAnswer(200, OperatorTopUpModel, 'The top-up as it is now.')
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'not_found')
  @ApiErrors('topup_not_parked', 'topup_not_creditable')
  async resolve(
    @Req() request: FastifyRequest,
    @Param('topup_id') topup_id: string,
    @Body(new DtoReader(ResolveTopUpBody)) { action, reason }: ResolveTopUpBody,
  ): Promise<Envelope<OperatorTopUpModel>> {
    const topup = await this.managePayments.resolveTopUp({ topup_id, action, reason });
    return this.envelopes.wrap(request, toOperatorView(topup));
  }
}

const toState = (topup: TopUpView): TopUpStateModel => ({
  id: topup.topup_id,
  kind: topup.kind,
  state: topup.state,
  reason: topup.reason,
  amount_minor: topup.amount_minor,
  amount: topup.amount,
  currency: topup.currency.toLowerCase(),
  payment_minor: topup.payment_minor,
  payment_currency: topup.payment_currency.toLowerCase(),
  payment_id: topup.payment_intent_id,
  action_url: topup.action_url,
  created_at: topup.created_at,
});

const toOperatorView = (topup: TopUpView): OperatorTopUpModel => ({
  ...toState(topup),
  organization_id: topup.organization_id,
  received_minor: topup.received_minor,
  received_currency: topup.received_currency?.toLowerCase() ?? null,
  is_creditable: topup.is_creditable,
  checkout_session_id: topup.checkout_session_id,
});
