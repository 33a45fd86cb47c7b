import { object, instant, nullable } from './schema.js';

/** Events of one customer that were accepted together: all of them are stored, or none. */
export interface UsageIngested {
  readonly account_id: string;
  /** The organization, where the writer knows it. One of the two names is always there. */
  readonly customer_id: string | null;
  readonly external_customer_id: string | null;
  /** They become visible when this backfill is closed. */
  readonly backfill_id?: string | null;
  /** Account time at which they were accepted: what is late or ahead of time is judged by it. Absent: when they are read. */
  readonly accepted_at?: string;
  readonly events: readonly IngestedEvent[];
}

export interface IngestedEvent {
  readonly idempotency_key: string;
  readonly event_name: string;
  /** UTC. */
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

/** Events in one message at most. */
export const USAGE_EVENTS_MAX = 500;
/** Characters of an event's name and of either name of a customer. */
export const USAGE_NAME_LENGTH_MAX = 255;
/** Characters of an idempotency key. */
export const USAGE_KEY_LENGTH_MAX = 512;
/** How old an event may be when it is accepted without a backfill. */
export const USAGE_GRACE_MS = 12 * 60 * 60 * 1_000;
/** How far an event may be ahead of the account's time. */
export const USAGE_AHEAD_MS = 5 * 60 * 1_000;

const name = { type: 'string', minLength: 1, maxLength: USAGE_NAME_LENGTH_MAX } as const;
const key = { type: 'string', minLength: 1, maxLength: USAGE_KEY_LENGTH_MAX } as const;

export const usageIngestedSchema = object(
  {
    account_id: { type: 'string', minLength: 1, maxLength: 64 },
    customer_id: nullable(name),
    external_customer_id: nullable(name),
    backfill_id: nullable({ type: 'string', minLength: 1, maxLength: 64 }),
    accepted_at: instant,
    events: {
      type: 'array',
      minItems: 1,
      maxItems: USAGE_EVENTS_MAX,
      items: object({
        idempotency_key: key,
        event_name: name,
        timestamp: instant,
        properties: {
          type: 'object',
          additionalProperties: {
            anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }],
          },
        },
      }),
    },
  },
  ['backfill_id', 'accepted_at'],
);
