import { Decimal } from '@orbit/pricing';
import type { SqlSession, Transactions } from '../../events/domain/usage-store.js';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import type { Leaf } from '../../metrics/domain/counting.js';
import type {
  EventRange,
  RolledGroup,
  RolledRange,
  RolledValue,
  RolledView,
  UsageReading,
  UsageStore,
} from '../application/ports.js';
import { leafHash } from '../domain/rolled-leaves.js';
import {
  READ_EVENTS,
  READ_ROLLED_GROUPS,
  READ_ROLLED_VALUES,
  READ_ROLLED_VIEW,
} from './usage-sql.js';

const PAGE_SIZE = 2_000;

interface EventRow {
  readonly event_no: string;
  readonly idempotency_key: string;
  readonly customer_id: string | null;
  readonly external_customer_id: string | null;
  readonly event_name: string;
  readonly event_time: Date;
  readonly properties: CountedEvent['properties'];
  readonly fingerprint: string;
}
interface GroupRow {
  readonly leaf_id: string;
  readonly window_no: number;
  readonly group_values: readonly (string | null)[];
  readonly events: string;
  readonly counted: string;
  readonly sum: string;
  readonly min: string | null;
  readonly max: string | null;
  readonly fingerprint: string;
  readonly is_dirty: boolean;
}
interface ValueRow {
  readonly leaf_id: string;
  readonly window_no: number;
  readonly group_values: readonly (string | null)[];
  readonly value_hash: string;
}

/** The store of events and rollups in PostgreSQL: each question sees one state of both. */
export class PostgresUsageStore implements UsageStore {
  constructor(private readonly transactions: Transactions) {}

  reading<T>(work: (reading: UsageReading) => Promise<T>): Promise<T> {
    return this.transactions.run(async (sql) => {
      await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return work(new PostgresReading(sql));
    });
  }
}

export class PostgresReading implements UsageReading {
  constructor(protected readonly sql: SqlSession) {}

  async *events(range: EventRange): AsyncIterable<readonly CountedEvent[]> {
    let [afterTime, afterNo] = [new Date(range.fromMs), '-1'];
    for (;;) {
      const rows = await this.sql.query<EventRow>(READ_EVENTS, [
        ...[range.accountId, range.customerId, new Date(range.toMs)],
        ...[afterTime, afterNo, PAGE_SIZE],
      ]);
      if (rows.length > 0) yield rows.map(countedEvent);
      const last = rows.at(-1);
      if (!last || rows.length < PAGE_SIZE) return;
      [afterTime, afterNo] = [last.event_time, last.event_no];
    }
  }

  async rolledView(
    accountId: string,
    customerId: string,
    leaves: readonly Leaf[],
  ): Promise<RolledView | null> {
    const hashes = leaves.map(leafHash);
    const rows = await this.sql.query<{ id: string; hash: string; from_ms: string }>(
      READ_ROLLED_VIEW,
      [accountId, customerId, hashes],
    );
    const byHash = new Map(rows.map((row) => [row.hash.replaceAll('-', ''), row]));
    const found = hashes.flatMap((hash) => byHash.get(hash) ?? []);
    if (found.length < hashes.length) return null;
    const fromMs = Math.max(...found.map(({ from_ms }) => Number(from_ms)));
    return { leafIds: found.map(({ id }) => id), fromMs };
  }

  async rolledGroups(
    customerId: string,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
  ): Promise<readonly RolledGroup[]> {
    const rows = await this.sql.query<GroupRow>(READ_ROLLED_GROUPS, [
      ...[customerId, leafIds],
      ...columnsOf(ranges),
    ]);
    return rows.map((row) => ({
      leafId: row.leaf_id,
      window: row.window_no,
      values: row.group_values,
      eventCount: Number(row.events),
      count: Number(row.counted),
      sum: decimalOf(row.sum),
      min: row.min === null ? null : decimalOf(row.min),
      max: row.max === null ? null : decimalOf(row.max),
      fingerprint: BigInt(row.fingerprint),
      isDirty: row.is_dirty,
    }));
  }

  async rolledValues(
    customerId: string,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
  ): Promise<readonly RolledValue[]> {
    const rows = await this.sql.query<ValueRow>(READ_ROLLED_VALUES, [
      ...[customerId, leafIds],
      ...columnsOf(ranges),
    ]);
    return rows.map((row) => ({
      leafId: row.leaf_id,
      window: row.window_no,
      values: row.group_values,
      hash: row.value_hash.replaceAll('-', ''),
    }));
  }
}

const columnsOf = (ranges: readonly RolledRange[]): readonly unknown[] => [
  ranges.map(({ window }) => window),
  ranges.map(({ fromMs }) => new Date(fromMs).toISOString()),
  ranges.map(({ toMs }) => new Date(toMs).toISOString()),
];

/** Sums of stored decimals may have more digits than one of them. */
function decimalOf(text: string): Decimal {
  const [whole = '0', places = ''] = text.split('.');
  return Decimal.scaled(BigInt(`${whole}${places}`), places.length);
}

const countedEvent = (row: EventRow): CountedEvent => ({
  idempotencyKey: row.idempotency_key,
  customerId: row.customer_id,
  externalCustomerId: row.external_customer_id,
  eventName: row.event_name,
  timestampMs: row.event_time.getTime(),
  properties: row.properties,
  fingerprint: row.fingerprint.replaceAll('-', ''),
});
