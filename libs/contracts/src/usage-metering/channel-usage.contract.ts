/** Nest TCP patterns that usage-metering answers. */
export const USAGE_RPC = {
  /** {organization_id, currency, days} → ChannelUsage[] sorted by channel */
  byChannel: 'usage.by_channel',
} as const;

export interface ChannelUsage {
  readonly channel: string;
  /** Σ quantity of posted charges. */
  readonly total_messages: number;
  readonly delivered: number;
  readonly failed: number;
  /** Exact decimal string. */
  readonly total_cost: string;
}
