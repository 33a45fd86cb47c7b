import { invariant } from '@orbit/kernel';
import { keyHashOf } from '../../events/domain/fingerprint.js';
import type { UsageEvent } from '../../events/domain/usage-event.js';
import type { SqlSession, Transactions, UsageFollower } from '../../events/domain/usage-store.js';
import { INSERT_USAGE_EVENTS, usageEventColumns } from '../../events/adapters/usage-event-rows.js';
import {
  nameKey,
  registryKey,
  type CustomerName,
  type NewKey,
  type UsageTransaction,
  type UsageWriter,
} from '../application/ports.js';

/** The order of the list is the order of the locks. */
const HOLD_NAMES = `
  SELECT pg_advisory_xact_lock_shared(lock) FROM (
    SELECT DISTINCT hashtextextended('usage name ' || a || ' ' || n, 0) AS lock
    FROM unnest($1::text[], $2::text[]) AS t (a, n) ORDER BY lock) AS locks`;
const READ_NAMES = `
  SELECT account_id, external_customer_id, customer_id
  FROM unnest($1::text[], $2::text[]) AS t (account_id, external_customer_id)
  JOIN usage_metering.customer_name USING (account_id, external_customer_id)`;
const REGISTER = `
  INSERT INTO usage_metering.usage_key (account_id, key_hash, event_time, version, event_no, state)
  SELECT account_id, key_hash, event_time, 1, nextval('usage_metering.usage_event_no'), 'live'
  FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS k (account_id, key_hash, event_time)
  ON CONFLICT DO NOTHING
  RETURNING account_id, key_hash, event_no`;

interface NameRow {
  readonly account_id: string;
  readonly external_customer_id: string;
  readonly customer_id: string;
}
interface KeyRow {
  readonly account_id: string;
  readonly key_hash: string;
  readonly event_no: string;
}

/** The events of usage_metering, through plain statements; sets of rows travel as arrays. */
export class PostgresUsageWriter implements UsageWriter {
  constructor(
    private readonly transactions: Transactions,
    private readonly followers: readonly UsageFollower[],
  ) {}

  inTransaction<T>(work: (tx: UsageTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((sql) => work(new SqlUsageTransaction(sql, this.followers)));
  }
}

class SqlUsageTransaction implements UsageTransaction {
  constructor(
    private readonly sql: SqlSession,
    private readonly followers: readonly UsageFollower[],
  ) {}

  async holdNames(names: readonly CustomerName[]): Promise<ReadonlyMap<string, string>> {
    const columns = [
      names.map(({ accountId }) => accountId),
      names.map(({ externalCustomerId }) => externalCustomerId),
    ];
    await this.sql.query(HOLD_NAMES, columns);
    const rows = await this.sql.query<NameRow>(READ_NAMES, columns);
    return new Map(
      rows.map(({ account_id, external_customer_id, customer_id }) => [
        nameKey({ accountId: account_id, externalCustomerId: external_customer_id }),
        customer_id,
      ]),
    );
  }

  async register(keys: readonly NewKey[]): Promise<ReadonlyMap<string, bigint>> {
    const rows = await this.sql.query<KeyRow>(REGISTER, [
      keys.map(({ accountId }) => accountId),
      keys.map(({ keyHash }) => keyHash),
      keys.map(({ timestampMs }) => new Date(timestampMs).toISOString()),
    ]);
    return new Map(
      rows.map(({ account_id, key_hash, event_no }) => [
        registryKey(account_id, key_hash.replaceAll('-', '')),
        BigInt(event_no),
      ]),
    );
  }

  async insert(events: readonly UsageEvent[]): Promise<void> {
    const hashes = events.map(({ idempotencyKey }) => keyHashOf(idempotencyKey));
    invariant(events.length > 0, 'there is something to insert');
    await this.sql.query(INSERT_USAGE_EVENTS, usageEventColumns(events, hashes));
    const added = events.filter(({ state }) => state === 'visible');
    if (added.length === 0) return;
    for (const follower of this.followers) await follower.apply(this.sql, { added, removed: [] });
  }
}
