import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { OrbitError, USAGE_RPC, type ChannelUsage } from '@orbit/contracts';
import { formatAmount, isCurrency, type Currency } from '@orbit/money';
import type { ChannelTotals } from '../../rollups/application/ports.js';
import { ReadUsage } from '../application/read-usage.js';

/** Ten years: a wider window is a mistake, not a question. */
const DAYS_MAX = 3_660;

interface UsageRequest {
  readonly organization_id: string;
  readonly currency: string;
  readonly days: number;
}

@Controller()
export class UsageController {
  constructor(private readonly readUsage: ReadUsage) {}

  @MessagePattern(USAGE_RPC.byChannel)
  async byChannel(@Payload() request: UsageRequest): Promise<readonly ChannelUsage[]> {
    const { organization_id: organizationId, currency, days } = request;
    if (typeof organizationId !== 'string' || organizationId === '')
      throw new OrbitError('invalid_field', 'organization_id is a string', {
        param: 'organization_id',
      });
    if (!isCurrency(currency))
      throw new OrbitError('unsupported_currency', `no wallet is held in ${String(currency)}`, {
        param: 'currency',
      });
    if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX)
      throw new OrbitError('invalid_field', `days is a whole number from 1 to ${DAYS_MAX}`, {
        param: 'days',
      });
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
