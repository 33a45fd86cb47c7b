import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  ChannelUsageQuery,
  DeliveryReportsBody,
  ReportsAccepted,
  shapes,
  ShownChannelUsage,
  toInstant,
  USAGE,
} from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import type { FastifyRequest } from 'fastify';
import { ReportDeliveries } from './report-deliveries.js';
import { usageView } from './usage-view.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { modelOf } from '../../edge/docs/shape-model.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { BodyOf, QueryOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

@ApiTags('Usage')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@ApiErrors('invalid_field', 'unknown_field')
@Controller('api/v1/billing')
export class UsageController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly reportDeliveries: ReportDeliveries,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('usage-by-channel')
  @ApiOf(USAGE.byChannel, {
    summary: 'Get spend and volume of each channel over the last days',
    answers: 'One row a channel.',
    shows: shapes.list(ShownChannelUsage),
    reads: 'query',
  })
  async usageByChannel(
    @Req() request: FastifyRequest,
    @QueryOf(ChannelUsageQuery) { days }: ChannelUsageQuery,
  ): Promise<Envelope<readonly ShownChannelUsage[]>> {
    const { principal } = request;
    const usages = await this.clients.usage.byChannel({ ...ownWallet(principal), days });
    const rows = usages.map((usage) => usageView(usage, principal.currency));
    return this.envelopes.wrap(request, rows);
  }

  @Post('delivery-reports')
  @HttpCode(202)
  @ApiOperation({ summary: 'Report deliveries of sends; the latest report of a charge counts' })
  @ApiAnswer(202, modelOf(ReportsAccepted), 'The reports are stored and will be counted.')
  async report(
    @Req() request: FastifyRequest,
    @BodyOf(DeliveryReportsBody) body: DeliveryReportsBody,
  ): Promise<Envelope<ReportsAccepted>> {
    const reports = body.reports.map(({ charge_id, status, occurred_at }) => {
      const occurredAt = toInstant(occurred_at);
      invariant(occurredAt !== null, 'occurred_at was validated');
      return { chargeId: charge_id, status, occurredAt };
    });
    await this.reportDeliveries.run(request.principal, reports);
    return this.envelopes.wrap(request, { accepted: reports.length });
  }
}
