import type { UsageEvent, UsageEventState, UsageProperties } from '../domain/usage-event.js';

/** A row of usage_metering.usage_event as `pg` reads it. */
export interface UsageEventRow {
  readonly event_no: string;
  readonly account_id: string;
  readonly idempotency_key: string;
  readonly version: number;
  readonly customer_id: string | null;
  readonly external_customer_id: string | null;
  readonly event_name: string;
  readonly event_time: Date;
  readonly properties: UsageProperties;
  readonly state: UsageEventState;
  readonly backfill_id: string | null;
  readonly ingested_at: Date;
  readonly fingerprint: string;
}

/** Columns that `fromUsageRow` needs, of a table that is called `e`. */
export const USAGE_COLUMNS = `e.event_no, e.account_id, e.idempotency_key, e.version, e.customer_id,
  e.external_customer_id, e.event_name, e.event_time, e.properties, e.state, e.backfill_id,
  e.ingested_at, e.fingerprint`;

export const fromUsageRow = (row: UsageEventRow): UsageEvent => ({
  eventNo: BigInt(row.event_no),
  accountId: row.account_id,
  idempotencyKey: row.idempotency_key,
  version: row.version,
  customerId: row.customer_id,
  externalCustomerId: row.external_customer_id,
  eventName: row.event_name,
  timestampMs: row.event_time.getTime(),
  properties: row.properties,
  state: row.state,
  backfillId: row.backfill_id,
  ingestedAtMs: row.ingested_at.getTime(),
  fingerprint: row.fingerprint.replaceAll('-', ''),
});

/** Adds versions of events; one statement, whatever their number. */
export const INSERT_USAGE_EVENTS = `
  INSERT INTO usage_metering.usage_event
    (event_no, account_id, idempotency_key, key_hash, version, customer_id, external_customer_id,
     event_name, event_time, properties, state, backfill_id, ingested_at, fingerprint)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::text[],
    $7::text[], $8::text[], $9::timestamptz[], $10::jsonb[], $11::text[], $12::text[],
    $13::timestamptz[], $14::uuid[])`;

export const usageEventColumns = (
  events: readonly UsageEvent[],
  keyHashes: readonly string[],
): readonly unknown[] => [
  events.map((event) => event.eventNo.toString()),
  events.map((event) => event.accountId),
  events.map((event) => event.idempotencyKey),
  keyHashes,
  events.map((event) => event.version),
  events.map((event) => event.customerId),
  events.map((event) => event.externalCustomerId),
  events.map((event) => event.eventName),
  events.map((event) => new Date(event.timestampMs).toISOString()),
  events.map((event) => JSON.stringify(event.properties)),
  events.map((event) => event.state),
  events.map((event) => event.backfillId),
  events.map((event) => new Date(event.ingestedAtMs).toISOString()),
  events.map((event) => event.fingerprint),
];
