import { Body, Controller, Get, Headers, HttpCode, Post, Req } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { ChangePlanBody, PlanCheckoutBody, toInstant, UsageHistoryQuery } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import type { FastifyRequest } from 'fastify';
import { UsePlans } from './use-plans.js';
import { readNoFields } from '../charges/charge-request.js';
import { readRange } from '../usage/usage-range.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import { BodyOf, QueryOf } from '../../edge/requests/shape-params.js';
import {
  CurrentPlanModel,
  OfferedPlanModel,
  PeriodUsageModel,
  PlanCheckoutModel,
  UsageBucketModel,
} from './plans.models.js';

@ApiTags('Plans')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing')
export class PlansController {
  constructor(
    private readonly plans: UsePlans,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('plans')
  @ApiOperation({ summary: 'List plans with their features and prices' })
  @ApiAnswer(200, OfferedPlanModel, 'In the order in which they are offered.', { isArray: true })
  async list(@Req() request: FastifyRequest): Promise<Envelope<readonly OfferedPlanModel[]>> {
    return this.envelopes.wrap(request, await this.plans.list());
  }

  @Get('plan')
  @ApiOperation({ summary: 'Get the plan of the organization; `data` is null without one' })
  @ApiAnswer(200, CurrentPlanModel, 'Null when the organization has no plan.', { isNullable: true })
  async current(@Req() request: FastifyRequest): Promise<Envelope<CurrentPlanModel | null>> {
    return this.envelopes.wrap(request, await this.plans.current(request.principal));
  }

  @Post('checkout')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Create a checkout page on which a person subscribes to a plan or upgrades',
    description:
      'Without a plan: the page to buy one; pages asked for before and not paid end. With a plan: the page that confirms a dearer one, the difference is paid there, prorated. The same plan or a cheaper one is a conflict: `plan/change` moves down.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: '8 to 255 visible characters. The same key answers the original page.',
    schema: { type: 'string', minLength: 8, maxLength: 255, example: 'plan-2026-05-16-1' },
  })
  @ApiAnswer(200, PlanCheckoutModel, 'Send the person to `checkoutUrl`.')
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'conflict')
  @ApiErrors('idempotency_key_conflict', 'payment_provider_error')
  async checkout(
    @Req() request: FastifyRequest,
    @BodyOf(PlanCheckoutBody) body: PlanCheckoutBody,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
  ): Promise<Envelope<PlanCheckoutModel>> {
    const { priceId, successUrl, cancelUrl } = body;
    const key = idempotencyKey === undefined ? undefined : readIdempotencyKey(idempotencyKey);
    const order = { priceId, successUrl, cancelUrl, idempotencyKey: key };
    const checkoutUrl = await this.plans.checkout(request.principal, order);
    return this.envelopes.wrap(request, { checkoutUrl });
  }

  @Post('plan/change')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Change plan. Upgrades apply now, prorated; downgrades at period end',
  })
  @ApiAnswer(200, CurrentPlanModel, 'The plan after the change.')
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'not_found', 'conflict')
  @ApiErrors('payment_declined', 'payment_provider_error')
  async change(
    @Req() request: FastifyRequest,
    @BodyOf(ChangePlanBody) body: ChangePlanBody,
  ): Promise<Envelope<CurrentPlanModel>> {
    return this.envelopes.wrap(request, await this.plans.change(request.principal, body.priceId));
  }

  @Post('plan/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel the plan at the end of its current period' })
  @ApiAnswer(200, CurrentPlanModel, '`cancel_at_period_end` is true.')
  @ApiErrors('not_found', 'unknown_field', 'invalid_field', 'payment_provider_error')
  async cancel(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
  ): Promise<Envelope<CurrentPlanModel>> {
    readNoFields(body);
    return this.envelopes.wrap(request, await this.plans.cancel(request.principal));
  }

  @Post('plan/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Undo the cancellation while the period runs' })
  @ApiAnswer(200, CurrentPlanModel, '`cancel_at_period_end` is false.')
  @ApiErrors('not_found', 'unknown_field', 'invalid_field', 'payment_provider_error')
  async resume(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
  ): Promise<Envelope<CurrentPlanModel>> {
    readNoFields(body);
    return this.envelopes.wrap(request, await this.plans.resume(request.principal));
  }

  @Get('usage')
  @ApiOperation({ summary: 'Get the usage of the current period and the allowances of the plan' })
  @ApiAnswer(200, PeriodUsageModel, 'Without a plan: the calendar month in UTC, 0 included.')
  async usage(@Req() request: FastifyRequest): Promise<Envelope<PeriodUsageModel>> {
    return this.envelopes.wrap(request, await this.plans.usage(request.principal));
  }

  @Get('usage/history')
  @ApiOperation({
    summary: 'Get usage by day or month, from start_date (inclusive) to end_date (exclusive)',
  })
  @ApiAnswer(200, UsageBucketModel, 'Every UTC day or month of the range, also without usage.', {
    isArray: true,
  })
  @ApiErrors('invalid_field', 'unknown_field')
  async history(
    @Req() request: FastifyRequest,
    @QueryOf(UsageHistoryQuery) query: UsageHistoryQuery,
  ): Promise<Envelope<readonly UsageBucketModel[]>> {
    const [from, to] = [toInstant(query.start_date), toInstant(query.end_date)];
    invariant(from !== null && to !== null, 'both dates were validated');
    const range = readRange(from, to, query.granularity);
    const rows = await this.plans.history(request.principal, range, query.granularity);
    return this.envelopes.wrap(request, rows);
  }
}
