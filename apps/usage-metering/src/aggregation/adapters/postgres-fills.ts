import type { Clock } from '@orbit/kernel';
import type { SqlSession, Transactions } from '../../events/domain/usage-store.js';
import { BUCKET_MS, bucketOf, HOUR_MS } from '../domain/buckets.js';
import { RollupChange } from '../domain/rollup-change.js';
import { holdAlone } from './customer-locks.js';
import { LeafMemory } from './leaf-memory.js';
import { PostgresReading } from './postgres-reading.js';
import { orderedColumns, writeChange } from './postgres-rollups.js';

/** Events that one step counts, so that a customer's new events never wait long. */
const STEP_EVENTS_MAX = 20_000;

interface WishRow {
  readonly leaf_id: string;
  readonly customer_id: string;
  readonly account_id: string;
  readonly to_ms: string;
}
interface DirtyRow {
  readonly leaf_id: string;
  readonly customer_id: string;
  readonly account_id: string;
  readonly bucket: Date;
}

const NEXT_WISH = `
  SELECT f.leaf_id::text, f.customer_id, l.account_id,
    CASE WHEN f.filled_from = 'infinity' THEN 'Infinity'
         ELSE (extract(epoch FROM f.filled_from) * 1000)::bigint::text END AS to_ms
  FROM usage_metering.usage_leaf_fill f JOIN usage_metering.usage_leaf l ON l.id = f.leaf_id
  WHERE f.filled_from > '-infinity' AND l.stopped_at IS NULL
    AND (SELECT store FROM usage_metering.usage_storage) = 'postgres'
  ORDER BY f.leaf_id, f.customer_id LIMIT 1 FOR NO KEY UPDATE OF f SKIP LOCKED`;

/** The instant of the event with which a step is full, counted back from its end. */
const STEP_START = `
  SELECT event_time FROM usage_metering.usage_event
  WHERE account_id = $1 AND customer_id = $2 AND state = 'visible' AND event_time < $3
  ORDER BY event_time DESC, event_no DESC OFFSET ${STEP_EVENTS_MAX} LIMIT 1`;

const NEXT_DIRTY = `
  SELECT b.leaf_id::text, b.customer_id, b.bucket, l.account_id
  FROM usage_metering.usage_leaf_bucket b JOIN usage_metering.usage_leaf l ON l.id = b.leaf_id
  WHERE b.is_dirty LIMIT 1`;

const REPAIR = `
  UPDATE usage_metering.usage_leaf_bucket b
  SET moment = coalesce(m.moment, 0), min = m.min, max = m.max, latest_at = m.latest_at,
    latest_key = m.latest_key, latest = m.latest, is_dirty = false
  FROM (SELECT b2.group_hash, c.moment, c.min, c.max, c.latest_at, c.latest,
          decode(c.latest_key, 'hex') AS latest_key
        FROM usage_metering.usage_leaf_bucket b2
        LEFT JOIN unnest($4::uuid[], $5::numeric[], $6::numeric[], $7::numeric[], $8::timestamptz[],
            $9::text[], $10::numeric[])
          AS c (group_hash, moment, min, max, latest_at, latest_key, latest)
          ON c.group_hash = b2.group_hash
        WHERE b2.leaf_id = $1 AND b2.customer_id = $2 AND b2.bucket = $3) m
  WHERE b.leaf_id = $1 AND b.customer_id = $2 AND b.bucket = $3 AND b.group_hash = m.group_hash`;

/**
 * Adds events from before a leaf was kept, newest first, and counts buckets again whose least, greatest or latest
 * value went.
 */
export class PostgresFills {
  private readonly leaves = new LeafMemory();

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Returns how many steps there were; at most `limit`. */
  async run(limit: number): Promise<number> {
    for (let count = 0; count < limit; count++) {
      if ((await this.step()) || (await this.repair())) continue;
      return count;
    }
    return limit;
  }

  private step(): Promise<boolean> {
    return this.transactions.run(async (sql) => {
      const [wish] = await sql.query<WishRow>(NEXT_WISH);
      if (!wish) return false;
      const { leaf_id: leafId, customer_id: customerId, account_id: accountId } = wish;
      await holdAlone(sql, [{ accountId, customerId }]);
      const toMs = Math.min(Number(wish.to_ms), LAST_MS);
      const [full] = await sql.query<{ event_time: Date }>(STEP_START, [
        ...[accountId, customerId, new Date(toMs)],
      ]);
      const fromMs = full ? bucketOf(full.event_time.getTime(), HOUR_MS) : FIRST_MS;
      const change = await this.count(sql, { leafId, customerId, accountId, fromMs, toMs });
      await writeChange(sql, change, this.clock.nowMs());
      await sql.query(
        `UPDATE usage_metering.usage_leaf_fill SET filled_from = $3
         WHERE leaf_id = $1 AND customer_id = $2`,
        [leafId, customerId, full ? new Date(fromMs) : '-infinity'],
      );
      return true;
    });
  }

  private repair(): Promise<boolean> {
    return this.transactions.run(async (sql) => {
      const [dirty] = await sql.query<DirtyRow>(NEXT_DIRTY);
      if (!dirty) return false;
      const { leaf_id: leafId, customer_id: customerId, account_id: accountId, bucket } = dirty;
      await holdAlone(sql, [{ accountId, customerId }]);
      const fromMs = bucket.getTime();
      const toMs = fromMs + BUCKET_MS;
      const change = await this.count(sql, { leafId, customerId, accountId, fromMs, toMs });
      const groups = change.bucketChanges;
      await sql.query(REPAIR, [
        ...[leafId, customerId, bucket],
        groups.map(({ groupHash }) => groupHash),
        ...orderedColumns(groups),
      ]);
      return true;
    });
  }

  private async count(sql: SqlSession, part: CountedPart): Promise<RollupChange> {
    const { leafId, accountId, customerId, fromMs, toMs } = part;
    const change = new RollupChange();
    const leaf = (await this.leaves.read(sql, [leafId])).get(leafId);
    if (!leaf) return change;
    const followed = { ...leaf, fromMs };
    const reading = new PostgresReading(sql);
    for await (const events of reading.events({ accountId, customerId, fromMs, toMs })) {
      for (const event of events) change.add(followed, customerId, event, 1);
    }
    return change;
  }
}

interface CountedPart {
  readonly leafId: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** No event is stored beyond these. */
const FIRST_MS = Date.UTC(0, 0, 1) - 2_000 * 366 * 86_400_000;
const LAST_MS = Date.UTC(9_999, 11, 31, 23, 59, 59, 999);
