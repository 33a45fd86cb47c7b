import type { UsageEvent } from '../../events/domain/usage-event.js';
import type { SqlSession, Transactions, UsageFollower } from '../../events/domain/usage-store.js';
import { plainArray, textArray } from '../../events/adapters/sql-arrays.js';
import {
  nameKey,
  type CustomerName,
  type KeyedEvent,
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
/**
 * Registers keys in the order of their hashes: transactions that meet the same keys then wait for each other, and never
 * both. Events of keys that were not there are stored; answers the number of each event, or nothing where its key was.
 */
const STORE = `
  WITH given AS MATERIALIZED (
    SELECT nextval('usage_metering.usage_event_no') AS event_no, g.*
    FROM ROWS FROM (
      unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[],
        $7::timestamptz[], $8::uuid[]),
      jsonb_array_elements($9::jsonb)
    ) WITH ORDINALITY AS g (account_id, idempotency_key, key_hash, customer_id,
      external_customer_id, event_name, event_time, fingerprint, properties, place)
  ), fresh AS (
    INSERT INTO usage_metering.usage_key (account_id, key_hash, event_time, version, event_no, state)
    SELECT account_id, key_hash, event_time, 1, event_no, 'live' FROM given
    ORDER BY key_hash, account_id
    ON CONFLICT DO NOTHING RETURNING event_no
  ), stored AS (
    INSERT INTO usage_metering.usage_event
      (event_no, account_id, idempotency_key, key_hash, version, customer_id, external_customer_id,
       event_name, event_time, properties, state, backfill_id, ingested_at, fingerprint)
    SELECT event_no, account_id, idempotency_key, key_hash, 1, customer_id, external_customer_id,
      event_name, event_time, properties, 'visible', NULL, $10, fingerprint
    FROM given JOIN fresh USING (event_no)
  )
  SELECT string_agg(coalesce(fresh.event_no::text, ''), ',' ORDER BY place) AS numbers
  FROM given LEFT JOIN fresh USING (event_no)`;

interface NameRow {
  readonly account_id: string;
  readonly external_customer_id: string;
  readonly customer_id: string;
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

  async store(events: readonly KeyedEvent[]): Promise<void> {
    const [row] = await this.sql.query<{ readonly numbers: string | null }>(STORE, [
      textArray(events.map(({ accountId }) => accountId)),
      textArray(events.map(({ idempotencyKey }) => idempotencyKey)),
      plainArray(events.map(({ keyHash }) => keyHash)),
      textArray(events.map(({ customerId }) => customerId)),
      textArray(events.map(({ externalCustomerId }) => externalCustomerId)),
      textArray(events.map(({ eventName }) => eventName)),
      plainArray(events.map(({ timestampMs }) => new Date(timestampMs).toISOString())),
      plainArray(events.map(({ fingerprint }) => fingerprint)),
      JSON.stringify(events.map(({ properties }) => properties)),
      new Date(events[0]?.ingestedAtMs ?? 0).toISOString(),
    ]);
    const numbers = row?.numbers?.split(',') ?? [];
    const added: UsageEvent[] = [];
    for (const [at, event] of events.entries()) {
      const number = numbers[at];
      if (number) added.push({ ...event, eventNo: BigInt(number) });
    }
    if (added.length === 0) return;
    for (const follower of this.followers) await follower.apply(this.sql, { added, removed: [] });
  }
}
