import { volumeDeltas } from '../domain/volume.js';
import type { SqlSession, UsageChange, UsageFollower } from '../domain/usage-store.js';

/** Sessions add to rows of their own, mostly: writers of one account and hour do not wait for each other. */
const ADD = `
  INSERT INTO usage_metering.usage_volume AS v (account_id, hour, shard, event_count)
  SELECT d.account_id, d.hour, pg_backend_pid() & 15, d.change
  FROM unnest($1::text[], $2::timestamptz[], $3::bigint[]) AS d (account_id, hour, change)
  ON CONFLICT (account_id, hour, shard) DO UPDATE SET event_count = v.event_count + excluded.event_count`;

/** Events that count per UTC hour, kept in the transaction that changes them. */
export class PostgresVolume implements UsageFollower {
  async apply(sql: SqlSession, change: UsageChange): Promise<void> {
    const deltas = volumeDeltas(change);
    if (deltas.length === 0) return;
    await sql.query(ADD, [
      deltas.map(({ accountId }) => accountId),
      deltas.map(({ hourMs }) => new Date(hourMs).toISOString()),
      deltas.map(({ count }) => count),
    ]);
  }
}
