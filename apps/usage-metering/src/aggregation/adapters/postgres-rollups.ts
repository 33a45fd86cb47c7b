import type { Clock } from '@orbit/kernel';
import type { SqlSession, UsageChange, UsageFollower } from '../../events/domain/usage-store.js';
import type { UsageEvent } from '../../events/domain/usage-event.js';
import { holdShared, type CustomerKey } from './customer-locks.js';
import { LeafMemory } from './leaf-memory.js';
import { RollupChange, type FollowedLeaf } from '../domain/rollup-change.js';
import {
  CHANGE_BUCKETS,
  CHANGE_VALUES,
  COUNT_GROUPS,
  MARK_CHANGED,
  READ_FILLS,
  WISH_FILLS,
} from './usage-sql.js';

interface FillRow {
  readonly account_id: string;
  readonly leaf_id: string;
  readonly customer_id: string;
  readonly from_ms: string | null;
}

/** Keeps rollups in the transaction that changes events, marks closed windows that are no longer true, and notes whose usage changed. */
export class PostgresRollups implements UsageFollower {
  private readonly leaves = new LeafMemory();

  constructor(private readonly clock: Clock) {}

  async apply(sql: SqlSession, { added, removed }: UsageChange): Promise<void> {
    const customers = customersOf([...added, ...removed]);
    if (customers.size === 0) return;
    const keys = [...customers].flatMap(([accountId, ids]) =>
      [...ids].map((customerId) => ({ accountId, customerId })),
    );
    await holdShared(sql, keys);
    const followed = await this.followedLeaves(sql, keys);
    const change = new RollupChange();
    const add = (events: readonly UsageEvent[], by: 1 | -1): void => {
      for (const event of events) {
        const { accountId, customerId } = event;
        if (customerId === null) continue;
        const leaves = followed.get(accountId)?.get(customerId) ?? [];
        for (const leaf of leaves) change.add(leaf, customerId, event, by);
      }
    };
    add(added, 1);
    add(removed, -1);
    await writeChange(sql, change, this.clock.nowMs());
    await markChanged(sql, keys, [...added, ...removed]);
  }

  private async followedLeaves(
    sql: SqlSession,
    keys: readonly CustomerKey[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, readonly FollowedLeaf[]>>> {
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
    const followed = new Map<string, Map<string, FollowedLeaf[]>>();
    for (const row of kept) {
      const leaf = leaves.get(row.leaf_id);
      if (!leaf) continue;
      const { account_id: accountId, customer_id: customerId } = row;
      const ofAccount = followed.get(accountId) ?? new Map<string, FollowedLeaf[]>();
      const of = ofAccount.get(customerId) ?? [];
      of.push({ ...leaf, fromMs: Number(row.from_ms) });
      followed.set(accountId, ofAccount.set(customerId, of));
    }
    return followed;
  }
}

/** By account. No key is made of the two: it would be made for every event. */
function customersOf(events: readonly UsageEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const customers = new Map<string, Set<string>>();
  for (const { accountId, customerId } of events) {
    if (customerId === null) continue;
    const known = customers.get(accountId);
    if (known) known.add(customerId);
    else customers.set(accountId, new Set([customerId]));
  }
  return customers;
}

/** Adds a change to the rollups; at most three statements. */
export async function writeChange(
  sql: SqlSession,
  change: RollupChange,
  nowMs: number,
): Promise<void> {
  const { bucketChanges: buckets, valueChanges: values } = change;
  if (buckets.length > 0) {
    const written = await sql.query<WrittenBucket>(CHANGE_BUCKETS, [
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
    await countGroups(sql, written, nowMs);
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

interface WrittenBucket {
  readonly leaf_id: string;
  readonly customer_id: string;
  readonly bucket: Date;
  readonly is_new: boolean;
}

/** New groups that one bucket gets at once before they are worth a statement: others are few. */
const NEW_GROUPS_MIN = 20;

async function countGroups(
  sql: SqlSession,
  written: readonly WrittenBucket[],
  nowMs: number,
): Promise<void> {
  const counts = new Map<string, { bucket: WrittenBucket; groups: number }>();
  for (const bucket of written) {
    if (!bucket.is_new) continue;
    const key = `${bucket.leaf_id} ${bucket.customer_id} ${bucket.bucket.getTime()}`;
    const found = counts.get(key);
    if (found) found.groups += 1;
    else counts.set(key, { bucket, groups: 1 });
  }
  // Of several buckets of one leaf and customer the one with the most.
  const most = new Map<string, { bucket: WrittenBucket; groups: number }>();
  for (const each of counts.values()) {
    const key = `${each.bucket.leaf_id} ${each.bucket.customer_id}`;
    if (each.groups >= NEW_GROUPS_MIN && each.groups > (most.get(key)?.groups ?? 0)) {
      most.set(key, each);
    }
  }
  const many = [...most.values()];
  if (many.length === 0) return;
  await sql.query(COUNT_GROUPS, [
    many.map(({ bucket }) => bucket.leaf_id),
    many.map(({ bucket }) => bucket.customer_id),
    many.map(({ bucket }) => bucket.bucket),
    many.map(({ groups }) => groups),
    new Date(nowMs),
  ]);
}

async function markChanged(
  sql: SqlSession,
  keys: readonly CustomerKey[],
  events: readonly UsageEvent[],
): Promise<void> {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { timestampMs } of events) {
    if (timestampMs < first) first = timestampMs;
    if (timestampMs > last) last = timestampMs;
  }
  await sql.query(MARK_CHANGED, [
    keys.map(({ accountId }) => accountId),
    keys.map(({ customerId }) => customerId),
    ...[new Date(first).toISOString(), new Date(last).toISOString()],
  ]);
}
