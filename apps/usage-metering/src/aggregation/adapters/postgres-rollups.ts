import type { SqlSession, UsageChange, UsageFollower } from '../../events/domain/usage-store.js';
import type { UsageEvent } from '../../events/domain/usage-event.js';
import { holdShared, type CustomerKey } from './customer-locks.js';
import { LeafMemory } from './leaf-memory.js';
import { RollupChange, type FollowedLeaf } from '../domain/rollup-change.js';
import { CHANGE_BUCKETS, CHANGE_VALUES, MARK_STALE, READ_FILLS, WISH_FILLS } from './usage-sql.js';

interface FillRow {
  readonly account_id: string;
  readonly leaf_id: string;
  readonly customer_id: string;
  readonly from_ms: string | null;
}

/** Keeps rollups in the transaction that changes events, and tells closed windows that they are no longer true. */
export class PostgresRollups implements UsageFollower {
  private readonly leaves = new LeafMemory();

  async apply(sql: SqlSession, { added, removed }: UsageChange): Promise<void> {
    const customers = customersOf([...added, ...removed]);
    if (customers.size === 0) return;
    const keys = [...customers.values()];
    await holdShared(sql, keys);
    const followed = await this.followedLeaves(sql, keys);
    const change = new RollupChange();
    const add = (events: readonly UsageEvent[], by: 1 | -1): void => {
      for (const event of events) {
        const { accountId, customerId } = event;
        if (customerId === null) continue;
        for (const leaf of followed.get(keyOf({ accountId, customerId })) ?? []) {
          change.add(leaf, customerId, event, by);
        }
      }
    };
    add(added, 1);
    add(removed, -1);
    await writeChange(sql, change);
    await markStale(sql, keys, [...added, ...removed]);
  }

  private async followedLeaves(
    sql: SqlSession,
    keys: readonly CustomerKey[],
  ): Promise<ReadonlyMap<string, readonly FollowedLeaf[]>> {
    const rows = await sql.query<FillRow>(READ_FILLS, [
      keys.map(({ accountId }) => accountId),
      keys.map(({ customerId }) => customerId),
    ]);
    const wishes = rows.filter(({ from_ms }) => from_ms === null);
    if (wishes.length > 0) {
      await sql.query(WISH_FILLS, [
        wishes.map(({ leaf_id }) => leaf_id),
        wishes.map(({ customer_id }) => customer_id),
      ]);
    }
    const kept = rows.filter(({ from_ms }) => from_ms !== null && from_ms !== 'Infinity');
    const leaves = await this.leaves.read(
      sql,
      kept.map(({ leaf_id }) => leaf_id),
    );
    const followed = new Map<string, FollowedLeaf[]>();
    for (const row of kept) {
      const leaf = leaves.get(row.leaf_id);
      if (!leaf) continue;
      const key = keyOf({ accountId: row.account_id, customerId: row.customer_id });
      const of = followed.get(key) ?? [];
      of.push({ ...leaf, fromMs: Number(row.from_ms) });
      followed.set(key, of);
    }
    return followed;
  }
}

const keyOf = ({ accountId, customerId }: CustomerKey): string => `${accountId} ${customerId}`;

function customersOf(events: readonly UsageEvent[]): ReadonlyMap<string, CustomerKey> {
  const customers = new Map<string, CustomerKey>();
  for (const { accountId, customerId } of events) {
    if (customerId === null) continue;
    const key = { accountId, customerId };
    customers.set(keyOf(key), key);
  }
  return customers;
}

/** Adds a change to the rollups; at most two statements. */
export async function writeChange(sql: SqlSession, change: RollupChange): Promise<void> {
  const { bucketChanges: buckets, valueChanges: values } = change;
  if (buckets.length > 0) {
    await sql.query(CHANGE_BUCKETS, [
      buckets.map(({ leafId }) => leafId),
      buckets.map(({ customerId }) => customerId),
      buckets.map(({ bucketMs }) => new Date(bucketMs).toISOString()),
      buckets.map(({ groupHash }) => groupHash),
      buckets.map((bucket) => JSON.stringify(bucket.values)),
      buckets.map(({ events }) => events),
      buckets.map(({ counted }) => counted),
      buckets.map(({ sum }) => String(sum)),
      buckets.map(({ fingerprint }) => String(fingerprint)),
      ...[
        buckets.map(({ min }) => min && String(min)),
        buckets.map(({ max }) => max && String(max)),
      ],
      buckets.map(({ goneMin }) => goneMin && String(goneMin)),
      buckets.map(({ goneMax }) => goneMax && String(goneMax)),
    ]);
  }
  if (values.length > 0) {
    await sql.query(CHANGE_VALUES, [
      values.map(({ leafId }) => leafId),
      values.map(({ customerId }) => customerId),
      values.map(({ hourMs }) => new Date(hourMs).toISOString()),
      values.map(({ groupHash }) => groupHash),
      values.map((value) => JSON.stringify(value.values)),
      values.map(({ valueHash }) => valueHash),
      values.map(({ count }) => count),
    ]);
  }
}

async function markStale(
  sql: SqlSession,
  keys: readonly CustomerKey[],
  events: readonly UsageEvent[],
): Promise<void> {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { timestampMs } of events) {
    if (timestampMs < first) first = timestampMs;
    if (timestampMs > last) last = timestampMs;
  }
  await sql.query(MARK_STALE, [
    [...new Set(keys.map(({ accountId }) => accountId))],
    keys.map(({ customerId }) => customerId),
    ...[new Date(first).toISOString(), new Date(last).toISOString()],
  ]);
}
