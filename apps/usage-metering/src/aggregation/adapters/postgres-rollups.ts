import type { Clock } from '@orbit/kernel';
import type { SqlSession, UsageChange } from '../../events/domain/usage-store.js';
import type { UsageEvent } from '../../events/domain/usage-event.js';
import type { ChangeKeeper } from './customer-changes.js';
import type { CustomerKey } from './customer-locks.js';
import { LeafMemory } from './leaf-memory.js';
import { orderedKey } from '../domain/copied-rows.js';
import { RollupChange, type BucketChange, type FollowedLeaf } from '../domain/rollup-change.js';
import {
  CHANGE_BUCKETS,
  CHANGE_VALUES,
  COUNT_GROUPS,
  READ_FILLS,
  WISH_FILLS,
} from './usage-sql.js';

interface FillRow {
  readonly account_id: string;
  readonly leaf_id: string;
  readonly customer_id: string;
  readonly from_ms: string | null;
}

/** Keeps rollups in the transaction that changes events. */
export class PostgresRollups implements ChangeKeeper {
  private readonly leaves = new LeafMemory();

  constructor(private readonly clock: Clock) {}

  async keep(
    sql: SqlSession,
    { added, removed }: UsageChange,
    customers: readonly CustomerKey[],
  ): Promise<void> {
    const followed = await this.followedLeaves(sql, customers);
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
      buckets.map(({ isDirty }) => isDirty),
      ...orderedColumns(buckets),
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
      values.map(({ number }) => number && String(number)),
      values.map(({ count }) => count),
    ]);
  }
}

/** Columns that most buckets leave empty. */
export const orderedColumns = (
  buckets: readonly BucketChange[],
): readonly (readonly (string | null)[])[] => [
  buckets.map(({ moment }) => String(moment)),
  buckets.map(({ min }) => min && String(min)),
  buckets.map(({ max }) => max && String(max)),
  buckets.map(({ latest }) => latest && new Date(latest.atMs).toISOString()),
  buckets.map(({ latest }) => latest && orderedKey(latest.key)),
  buckets.map(({ latest }) => latest && String(latest.value)),
];

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
