import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { invariant } from '@orbit/kernel';
import type { FastifyRequest } from 'fastify';
import { ReadHistory } from '../wallets/read-history.js';
import { ReportDeliveries } from './report-deliveries.js';
import { usageView, type ChannelUsageView } from './usage-view.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { toInstant } from '../../edge/requests/field-rules.js';
import {
  AcceptedModel,
  ChannelUsageModel,
  DeliveryReportsBody,
  UsageQuery,
} from './usage.models.js';

@ApiTags('Usage')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@ApiErrors('invalid_field', 'unknown_field')
@Controller('api/v1/billing')
export class UsageController {
  constructor(
    private readonly readHistory: ReadHistory,
    private readonly reportDeliveries: ReportDeliveries,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('usage-by-channel')
  @ApiOperation({ summary: 'Get spend and volume of each channel over the last days' })
  @ApiAnswer(200, ChannelUsageModel, 'One row a channel.', { isArray: true })
  async usageByChannel(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(UsageQuery)) query: UsageQuery,
  ): Promise<Envelope<readonly ChannelUsageView[]>> {
    const { principal } = request;
    const usages = await this.readHistory.usageByChannel(principal, query.days);
    const rows = usages.map((usage) => usageView(usage, principal.currency));
    return this.envelopes.wrap(request, rows);
  }

  @Post('delivery-reports')
  @HttpCode(202)
  @ApiOperation({ summary: 'Report deliveries of sends; the latest report of a charge counts' })
  @ApiAnswer(202, AcceptedModel, 'The reports are stored and will be counted.')
  async report(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(DeliveryReportsBody)) body: DeliveryReportsBody,
  ): Promise<Envelope<AcceptedModel>> {
    const reports = body.reports.map(({ charge_id, status, occurred_at }) => {
      const occurredAt = toInstant(occurred_at);
      invariant(occurredAt !== null, 'occurred_at was validated');
      return { chargeId: charge_id, status, occurredAt };
    });
    await this.reportDeliveries.run(request.principal, reports);
    return this.envelopes.wrap(request, { accepted: reports.length });
  }
}
