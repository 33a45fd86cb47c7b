import { Controller } from '@nestjs/common';
import { USAGE, type ChannelUsage, type ChannelUsageRequest } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { formatAmount, isCurrency, type Currency } from '@orbit/money';
import { Handles } from '@orbit/runtime';
import type { ChannelTotals } from '../../rollups/application/ports.js';
import { ReadUsage } from '../application/read-usage.js';

/** Usage by channel, over Nest TCP. */
@Controller()
export class UsageController {
  constructor(private readonly readUsage: ReadUsage) {}

  @Handles(USAGE.byChannel)
  async byChannel(request: ChannelUsageRequest): Promise<readonly ChannelUsage[]> {
    const { organization_id: organizationId, currency, days } = request;
    invariant(isCurrency(currency), 'the contract takes units alone');
    const totals = await this.readUsage.byChannel(organizationId, currency, days);
    return totals.map((channel) => toResponse(channel, currency));
  }
}

const toResponse = (totals: ChannelTotals, currency: Currency): ChannelUsage => ({
  channel: totals.channel,
  total_messages: Number(totals.messages),
  delivered: Number(totals.delivered),
  failed: Number(totals.failed),
  total_cost: formatAmount(totals.costMicros, currency),
});
