import type { ChannelUsage, ShownChannelUsage } from '@orbit/contracts';
import { currencyExponent, requireSum, roundHalfUp, type Currency } from '@orbit/money';

/** One row of `GET usage-by-channel`. Minor units are rounded half up, once, from the exact sum; `total_cost_exact` is what adds up. */
export function usageView(usage: ChannelUsage, currency: Currency): ShownChannelUsage {
  const costMicros = requireSum(usage.total_cost);
  const microsPerMinor = 10n ** BigInt(6 - currencyExponent(currency));
  return {
    key: usage.channel,
    channel: usage.channel,
    total_messages: usage.total_messages,
    delivered: usage.delivered,
    failed: usage.failed,
    total_cost_minor: Number(roundHalfUp(costMicros, microsPerMinor)),
    total_cost: Number(usage.total_cost),
    total_cost_exact: usage.total_cost,
  };
}
