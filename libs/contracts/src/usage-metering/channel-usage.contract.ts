import { walletRef } from '../schema/fields.js';
import { namesOf, operation } from '../schema/operation.js';
import { integer, list, number, object, text, type Static } from '../schema/shape.js';

/** As the public asks. */
export const ChannelUsageQuery = object({
  days: integer({ minimum: 1, maximum: 365, default: 30 }),
});
export type ChannelUsageQuery = Static<typeof ChannelUsageQuery>;

/** Ten years: a wider window is a mistake, not a question. */
const DAYS_MAX = 3_660;

/** Today and the `days` − 1 days before it, in UTC. */
export const ChannelUsageRequest = object({
  ...walletRef,
  days: integer({ minimum: 1, maximum: DAYS_MAX }),
});
export type ChannelUsageRequest = Static<typeof ChannelUsageRequest>;

export const ChannelUsage = object({
  channel: text(),
  /** Σ quantity of posted charges. */
  total_messages: integer(),
  delivered: integer(),
  failed: integer(),
  /** Exact decimal string. */
  total_cost: text(),
});
export type ChannelUsage = Static<typeof ChannelUsage>;

/** As answers over HTTP show it. */
export const ShownChannelUsage = object(
  {
    key: text({ example: 'sms' }),
    channel: text({ example: 'sms' }),
    total_messages: number({ example: 3420 }),
    delivered: number({ example: 3380, description: 'From delivery reports.' }),
    failed: number({ example: 12, description: 'From delivery reports.' }),
    total_cost_minor: number({
      example: 27_360,
      description: 'Cents, rounded half up from the exact sum.',
    }),
    total_cost: number({ example: 273.6 }),
    total_cost_exact: text({ example: '273.60', description: 'The exact sum.' }),
  },
  { title: 'ChannelUsageModel' },
);
export type ShownChannelUsage = Static<typeof ShownChannelUsage>;

export const USAGE = {
  /** Sorted by channel. */
  byChannel: operation('usage.by_channel', ChannelUsageRequest, list(ChannelUsage)),
} as const;

/** The names on the wire, for who asks without a client. */
export const USAGE_RPC = namesOf(USAGE);
