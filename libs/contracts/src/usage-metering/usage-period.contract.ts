import { dateOrInstant, instant, organizationId } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import { integer, list, object, oneOf, text, type Static } from '../schema/shape.js';

export const GRANULARITIES = ['day', 'month'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** As the public asks; a date is its midnight in UTC. */
export const UsageHistoryQuery = object({
  start_date: dateOrInstant({
    example: '2026-03-01',
    description: 'Included. A date is its midnight in UTC.',
  }),
  end_date: dateOrInstant({
    example: '2026-03-08',
    description: 'Excluded. A date is its midnight in UTC.',
  }),
  granularity: oneOf(GRANULARITIES, { default: 'day', says: 'is day or month' }),
});
export type UsageHistoryQuery = Static<typeof UsageHistoryQuery>;

/** Half-open: [from, to). */
const period = { organization_id: organizationId, from: instant(), to: instant() } as const;
export const UsagePeriod = object(period);
export type UsagePeriod = Static<typeof UsagePeriod>;

export const UsageHistoryRequest = object({
  ...period,
  granularity: oneOf(GRANULARITIES, { says: 'is day or month' }),
});
export type UsageHistoryRequest = Static<typeof UsageHistoryRequest>;

const quantity = { channel: text(), quantity: integer() } as const;
export const ChannelQuantity = object(quantity);
export type ChannelQuantity = Static<typeof ChannelQuantity>;

/** 2026-03-01 or 2026-03. */
export const UsageBucket = object({ bucket: text(), ...quantity });
export type UsageBucket = Static<typeof UsageBucket>;

/** Usage between two instants. */
export const USAGE_PERIODS = {
  total: operation('usage.period', UsagePeriod, list(ChannelQuantity)),
  /** In order; empty buckets are left out. */
  history: operation('usage.history', UsageHistoryRequest, list(UsageBucket)),
} as const;
