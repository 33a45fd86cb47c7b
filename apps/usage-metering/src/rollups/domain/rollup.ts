import { addMicros, ZERO_MICROS, type Micros } from '@orbit/money';
import type { Delivery, MeteredCharge } from './charge.js';

const DAY_MS = 86_400_000;

/** The sum that a batch adds to one rollup row. `delivered` and `failed` may be negative: a report can be replaced. */
export interface RollupDelta {
  readonly organizationId: string;
  readonly currency: string;
  readonly channel: string;
  /** UTC day of the charge's `occurred_at`, as YYYY-MM-DD. */
  readonly day: string;
  readonly messages: bigint;
  readonly delivered: bigint;
  readonly failed: bigint;
  readonly costMicros: Micros;
}

/** UTC day of an instant, as YYYY-MM-DD. */
export const utcDay = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** The first day of a window of `days` days that ends with the day of `nowMs`. */
export const firstDayOfWindow = (nowMs: number, days: number): string =>
  utcDay(nowMs - (days - 1) * DAY_MS);

/** The sum that a charge adds when it is metered for the first time; its delivery comes as a change of its own. */
export function deltaOfCharge(charge: MeteredCharge): RollupDelta {
  return {
    ...rowOf(charge),
    messages: charge.quantity,
    delivered: 0n,
    failed: 0n,
    costMicros: charge.amountMicros,
  };
}

/** The change when `next` takes the place of the charge's delivery: the old one is taken back. */
export function deltaOfDelivery(charge: MeteredCharge, next: Delivery): RollupDelta {
  const counted = (status: Delivery['status']): bigint =>
    (next.status === status ? charge.quantity : 0n) -
    (charge.delivery?.status === status ? charge.quantity : 0n);
  return {
    ...rowOf(charge),
    messages: 0n,
    delivered: counted('delivered'),
    failed: counted('failed'),
    costMicros: ZERO_MICROS,
  };
}

/** One delta per rollup row, in one fixed order, so that transactions lock rows in the same order. */
export function sumDeltas(deltas: readonly RollupDelta[]): readonly RollupDelta[] {
  const rows = new Map<string, RollupDelta>();
  for (const delta of deltas) {
    const row = `${delta.organizationId}\n${delta.currency}\n${delta.day}\n${delta.channel}`;
    const sum = rows.get(row);
    rows.set(row, sum === undefined ? delta : add(sum, delta));
  }
  return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, delta]) => delta);
}

const rowOf = (charge: MeteredCharge) => ({
  organizationId: charge.organizationId,
  currency: charge.currency,
  channel: charge.channel,
  day: utcDay(charge.occurredAtMs),
});

const add = (a: RollupDelta, b: RollupDelta): RollupDelta => ({
  ...a,
  messages: a.messages + b.messages,
  delivered: a.delivered + b.delivered,
  failed: a.failed + b.failed,
  costMicros: addMicros(a.costMicros, b.costMicros),
});
