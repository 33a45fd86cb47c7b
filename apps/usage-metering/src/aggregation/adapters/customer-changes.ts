import type { UsageEvent } from '../../events/domain/usage-event.js';
import type { SqlSession, UsageChange, UsageFollower } from '../../events/domain/usage-store.js';
import type { StoreName } from '../domain/stores.js';
import { holdShared, type CustomerKey } from './customer-locks.js';
import { MARK_CHANGED } from './usage-sql.js';

/** Keeps of events what a store needs, in the transaction that changes them; their customers are held until its end. */
export interface ChangeKeeper {
  keep(sql: SqlSession, change: UsageChange, customers: readonly CustomerKey[]): Promise<void>;
}

/** Another process has put usage elsewhere. What this one would have written is written by those that are set like it. */
export class OtherStore extends Error {
  constructor(own: StoreName, kept: string) {
    super(
      `USAGE_STORE is ${own} here, and usage is counted from ${kept}: all of usage-metering must have the same.`,
    );
  }
}

/**
 * Holds customers while their events change, marks closed windows that are no longer true, and notes whose usage
 * changed. Rollups or the outbox of a copy change in between.
 */
export class CustomerChanges implements UsageFollower {
  constructor(
    private readonly store: StoreName,
    private readonly keeper: ChangeKeeper,
  ) {}

  async apply(sql: SqlSession, change: UsageChange): Promise<void> {
    const events = [...change.added, ...change.removed];
    const customers = customersOf(events);
    if (customers.length === 0) return;
    await holdShared(sql, customers);
    await this.keeper.keep(sql, change, customers);
    const kept = await markChanged(sql, customers, events);
    if (kept !== this.store) throw new OtherStore(this.store, kept);
  }
}

/** No key is made of account and customer: it would be made for every event. */
function customersOf(events: readonly UsageEvent[]): readonly CustomerKey[] {
  const customers = new Map<string, Set<string>>();
  for (const { accountId, customerId } of events) {
    if (customerId === null) continue;
    const known = customers.get(accountId);
    if (known) known.add(customerId);
    else customers.set(accountId, new Set([customerId]));
  }
  return [...customers].flatMap(([accountId, ids]) =>
    [...ids].map((customerId) => ({ accountId, customerId })),
  );
}

/** Returns where usage is counted from. */
async function markChanged(
  sql: SqlSession,
  keys: readonly CustomerKey[],
  events: readonly UsageEvent[],
): Promise<string> {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { timestampMs } of events) {
    if (timestampMs < first) first = timestampMs;
    if (timestampMs > last) last = timestampMs;
  }
  const [row] = await sql.query<{ readonly store: string }>(MARK_CHANGED, [
    keys.map(({ accountId }) => accountId),
    keys.map(({ customerId }) => customerId),
    ...[new Date(first).toISOString(), new Date(last).toISOString()],
  ]);
  return row?.store ?? 'nowhere';
}
