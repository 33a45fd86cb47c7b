import { Decimal } from '@orbit/pricing';
import type { SqlSession, Transactions } from '../../events/domain/usage-store.js';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import type {
  EventRange,
  RolledGroup,
  RolledRange,
  RolledValue,
  RolledLeaf,
  UsageReading,
  UsageStore,
} from '../application/ports.js';
import type { Latest } from '../../metrics/domain/tally.js';
import { BUCKET_MS, HOUR_MS } from '../domain/buckets.js';
import { keyOfOrdered } from '../domain/copied-rows.js';
import {
  READ_EVENTS,
  READ_ROLLED_GROUPS,
  READ_ROLLED_LATEST,
  READ_ROLLED_VALUES,
  READ_ROLLED_LEAVES,
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
  readonly moment: string;
  readonly min: string | null;
  readonly max: string | null;
  readonly has_latest: boolean;
  readonly group_hash: string;
  readonly fingerprint: string;
  readonly is_dirty: boolean;
}
interface LatestRow {
  readonly leaf_id: string;
  readonly window_no: number;
  readonly group_hash: string;
  readonly latest_at: Date;
  readonly latest_key: string;
  readonly latest: string;
}
interface ValueRow {
  readonly leaf_id: string;
  readonly window_no: number;
  readonly group_values: readonly (string | null)[];
  readonly value_hash: string;
  readonly number: string | null;
  readonly count: string;
}

/** Makes what a question reads from, over one transaction of PostgreSQL. */
export type ReadingOn = (sql: SqlSession) => UsageReading;

const onPostgres: ReadingOn = (sql) => new PostgresReading(sql);

/** Each question sees one state of everything that is stored. */
export class PostgresUsageStore implements UsageStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly readingOn = onPostgres,
  ) {}

  reading<T>(work: (reading: UsageReading) => Promise<T>): Promise<T> {
    return this.transactions.run(async (sql) => {
      await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return work(this.readingOn(sql));
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

  async rolledLeaves(
    accountId: string,
    customerId: string,
    hashes: readonly string[],
  ): Promise<ReadonlyMap<string, RolledLeaf>> {
    const rows = await this.sql.query<{ id: string; hash: string; from_ms: string }>(
      READ_ROLLED_LEAVES,
      [accountId, customerId, hashes],
    );
    return new Map(
      rows.map(({ id, hash, from_ms }) => [
        hash.replaceAll('-', ''),
        { id, fromMs: Number(from_ms) },
      ]),
    );
  }

  grainMs(hasValues: boolean): number {
    return hasValues ? HOUR_MS : BUCKET_MS;
  }

  async rolledGroups(
    customerId: string,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
  ): Promise<readonly RolledGroup[]> {
    const asked = [customerId, leafIds, ...columnsOf(ranges)];
    const rows = await this.sql.query<GroupRow>(READ_ROLLED_GROUPS, asked);
    const latest = rows.some((row) => row.has_latest)
      ? await this.sql.query<LatestRow>(READ_ROLLED_LATEST, asked)
      : [];
    const latestOf = new Map(latest.map((row) => [groupKey(row), latestFrom(row)]));
    return rows.map((row) => ({
      leafId: row.leaf_id,
      window: row.window_no,
      values: row.group_values,
      eventCount: Number(row.events),
      count: Number(row.counted),
      sum: decimalOf(row.sum),
      moment: decimalOf(row.moment),
      latest: latestOf.get(groupKey(row)) ?? null,
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
    limit: number,
  ): Promise<readonly RolledValue[]> {
    const rows = await this.sql.query<ValueRow>(READ_ROLLED_VALUES, [
      ...[customerId, leafIds],
      ...[...columnsOf(ranges), limit],
    ]);
    return rows.map((row) => ({
      leafId: row.leaf_id,
      window: row.window_no,
      values: row.group_values,
      hash: row.value_hash.replaceAll('-', ''),
      number: row.number === null ? null : decimalOf(row.number),
      count: Number(row.count),
    }));
  }
}

const groupKey = (row: Pick<LatestRow, 'leaf_id' | 'window_no' | 'group_hash'>): string =>
  `${row.leaf_id} ${row.window_no} ${row.group_hash}`;

const latestFrom = ({ latest_at, latest_key, latest }: LatestRow): Latest => ({
  atMs: latest_at.getTime(),
  key: keyOfOrdered(latest_key),
  value: decimalOf(latest),
});

const columnsOf = (ranges: readonly RolledRange[]): readonly unknown[] => [
  ranges.map(({ window }) => window),
  ranges.map(({ fromMs }) => new Date(fromMs).toISOString()),
  ranges.map(({ toMs }) => new Date(toMs).toISOString()),
];

/** Sums of stored decimals may have more digits than one of them. */
export function decimalOf(text: string): Decimal {
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
