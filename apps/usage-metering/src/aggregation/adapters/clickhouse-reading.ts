import { OrbitError } from '@orbit/contracts';
import type { SqlSession } from '../../events/domain/usage-store.js';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import type { UsageProperties } from '../../events/domain/usage-event.js';
import type {
  EventRange,
  RolledGroup,
  RolledRange,
  RolledValue,
  RolledLeaf,
  UsageReading,
} from '../application/ports.js';
import { keyOfOrdered, type CopiedLeaf } from '../domain/copied-rows.js';
import { MissingTable, type ClickHouseServer } from './clickhouse-server.js';
import { readEvents, readGroups, readValues, tablesOf, type Part } from './clickhouse-sql.js';
import { groupOfEvent, valueOfEvent, windowsOf } from './clickhouse-tail.js';
import type { LeafMemory } from './leaf-memory.js';
import { decimalOf, PostgresReading } from './postgres-reading.js';

const PAGE_SIZE = 10_000;
/** Changes of one customer that are not copied yet, as a question takes them along; with more it reads PostgreSQL. */
const TAIL_MAX = 10_000;

/** One state of a customer's usage: blocks that are copied, and what is not copied yet. */
interface CopyView {
  readonly copyId: string;
  /** Nothing is there yet, or too much is missing. */
  readonly isBehind: boolean;
  readonly upTo: string;
  /** Events that came since. */
  readonly added: readonly CountedEvent[];
  /** Events of the copy that went since. */
  readonly without: readonly bigint[];
}

interface TailRow {
  readonly copy_id: string;
  readonly copied_no: string;
  readonly event_no: string | null;
  readonly net: string;
  readonly changes: number;
  readonly idempotency_key: string;
  readonly external_customer_id: string | null;
  readonly event_name: string;
  readonly event_time: Date;
  readonly properties: UsageProperties;
  readonly fingerprint: string;
}

/** One statement, so that what it says of the copy and of what is missing from it is of one instant. */
const READ_VIEW = `
  SELECT s.copy_id, s.copied_no::text, t.event_no::text, t.net::text,
    coalesce(t.changes, 0)::integer AS changes, e.idempotency_key,
    e.external_customer_id, e.event_name, e.event_time, e.properties, e.fingerprint
  FROM usage_metering.usage_storage s
  LEFT JOIN LATERAL (
    SELECT event_no, sum(sign) AS net, sum(count(*)) OVER () AS changes FROM (
      SELECT event_no, sign FROM usage_metering.usage_outbox
      WHERE account_id = $1 AND customer_id = $2 LIMIT ${TAIL_MAX + 1}
    ) AS o GROUP BY event_no
  ) t ON true
  LEFT JOIN usage_metering.usage_event e ON e.event_no = t.event_no
  WHERE s.store = 'clickhouse'`;
/** PostgreSQL has nothing to do while ClickHouse works. */
const WAIT_LONGER = `SET LOCAL idle_in_transaction_session_timeout = '2min'`;
const READ_LEAVES = `
  SELECT l.id::text, l.hash::text FROM usage_metering.usage_leaf l
  JOIN usage_metering.usage_copied_leaf c ON c.leaf_id = l.id AND c.is_filled
  WHERE l.account_id = $1 AND l.hash = ANY($2::uuid[])`;

interface EventRow {
  readonly at: string;
  readonly no: string;
  readonly idempotency_key: string;
  readonly external_customer_id: string | null;
  readonly event_name: string;
  readonly properties: string;
  readonly fingerprint: string;
}
interface GroupRow {
  readonly leaf: string;
  readonly from_ms: string;
  readonly group_values: string;
  readonly events: string;
  readonly counted: string;
  readonly sum: string;
  readonly moment: string;
  readonly min: string;
  readonly max: string;
  readonly fingerprint: string;
  readonly is_odd: number;
  readonly latest_ms: string;
  readonly latest_key: string;
  readonly latest: string;
}
interface ValueRow {
  readonly leaf: string;
  readonly from_ms: string;
  readonly group_values: string;
  readonly hash: string;
  readonly number: string;
  readonly count: string;
}

/**
 * Usage out of ClickHouse, as PostgreSQL says it is: copied blocks, and on top of them what this transaction sees
 * that is not copied yet. So an answer never lacks an event that was stored, nor has one twice.
 */
export class ClickHouseReading implements UsageReading {
  private readonly views = new Map<string, Promise<CopyView>>();
  private readonly inPostgres: PostgresReading;

  constructor(
    private readonly sql: SqlSession,
    private readonly server: ClickHouseServer,
    private readonly leaves: LeafMemory,
  ) {
    this.inPostgres = new PostgresReading(sql);
  }

  async *events(range: EventRange): AsyncIterable<readonly CountedEvent[]> {
    const { accountId, customerId, fromMs, toMs } = range;
    const view = await this.viewOf(accountId, customerId);
    if (view.isBehind) {
      yield* this.inPostgres.events(range);
      return;
    }
    const { events: table } = this.tablesOf(view);
    const parameters = { account: accountId, customer: customerId };
    let after = { atMs: fromMs - 1, eventNo: '0' };
    for (;;) {
      const text = readEvents(table, partOf(view, { fromMs, toMs }), after, PAGE_SIZE);
      const rows = await this.rows<EventRow>(text, parameters);
      if (rows.length > 0) yield rows.map((row) => eventOf(row, customerId));
      const last = rows.at(-1);
      if (!last || rows.length < PAGE_SIZE) break;
      after = { atMs: Number(last.at), eventNo: last.no };
    }
    const came = view.added.filter(({ timestampMs: ms }) => ms >= fromMs && ms < toMs);
    if (came.length > 0) yield came;
  }

  async rolledLeaves(
    accountId: string,
    customerId: string,
    hashes: readonly string[],
  ): Promise<ReadonlyMap<string, RolledLeaf>> {
    const view = await this.viewOf(accountId, customerId);
    if (view.isBehind) return new Map();
    const rows = await this.sql.query<{ readonly id: string; readonly hash: string }>(READ_LEAVES, [
      accountId,
      hashes,
    ]);
    const fromMs = Number.NEGATIVE_INFINITY;
    return new Map(rows.map(({ id, hash }) => [hash.replaceAll('-', ''), { id, fromMs }]));
  }

  /** It counts to the millisecond. */
  grainMs(): number {
    return 1;
  }

  async rolledGroups(
    customerId: string,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
  ): Promise<readonly RolledGroup[]> {
    const { view, asked, part, windowsFrom } = await this.asked(customerId, leafIds, ranges);
    const text = readGroups(this.tablesOf(view).values, asked, part);
    const rows = await this.rows<GroupRow>(text, { customer: customerId });
    const copied = rows.flatMap((row) =>
      windowsFrom(row.from_ms).map((window) => ({ ...groupOf(row), window })),
    );
    const came = await this.tailOf(view, leafIds, ranges, groupOfEvent);
    return [...copied, ...came];
  }

  async rolledValues(
    customerId: string,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
    limit: number,
  ): Promise<readonly RolledValue[]> {
    const known = await this.leaves.read(this.sql, leafIds);
    const { view, asked, part, windowsFrom } = await this.asked(customerId, leafIds, ranges);
    const text = readValues(this.tablesOf(view).values, asked, part, limit);
    const rows = await this.rows<ValueRow>(text, { customer: customerId });
    const copied = rows.flatMap((row): RolledValue[] => {
      const isDistinct = known.get(row.leaf)?.leaf.kind === 'count_distinct';
      const value = {
        ...{ leafId: row.leaf, values: valuesOf(row.group_values), hash: row.hash },
        ...{ number: isDistinct ? null : decimalOf(row.number), count: Number(row.count) },
      };
      return windowsFrom(row.from_ms).map((window) => ({ ...value, window }));
    });
    const came = await this.tailOf(view, leafIds, ranges, valueOfEvent);
    return [...copied, ...came];
  }

  /** The part of the copy that is asked for: windows cut into segments that do not overlap. */
  private async asked(
    customerId: string,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
  ) {
    const view = await this.views.get(customerId);
    if (!view) throw new Error('A customer is looked at before its usage is read.');
    const bounds = [...new Set(ranges.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))];
    bounds.sort((a, b) => a - b);
    const [fromMs = 0, toMs = 0] = [bounds[0], bounds.at(-1)];
    const windowsFrom = (segment: string): readonly number[] => windowsOf(ranges, Number(segment));
    return { view, asked: { leafIds, bounds }, part: partOf(view, { fromMs, toMs }), windowsFrom };
  }

  private async tailOf<Row extends object>(
    { added }: CopyView,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
    rowOf: (leaf: CopiedLeaf, event: CountedEvent) => Row | null,
  ): Promise<readonly (Row & { readonly window: number })[]> {
    if (added.length === 0) return [];
    const known = await this.leaves.read(this.sql, leafIds);
    return added.flatMap((event) =>
      leafIds.flatMap((id) => {
        const leaf = known.get(id);
        const row = leaf && rowOf(leaf, event);
        if (!row) return [];
        return windowsOf(ranges, event.timestampMs).map((window) => ({ ...row, window }));
      }),
    );
  }

  private async viewOf(accountId: string, customerId: string): Promise<CopyView> {
    let view = this.views.get(customerId);
    if (!view) {
      if (this.views.size === 0) await this.sql.query(WAIT_LONGER);
      view = this.readView(accountId, customerId);
      this.views.set(customerId, view);
    }
    return view;
  }

  private async readView(accountId: string, customerId: string): Promise<CopyView> {
    const rows = await this.sql.query<TailRow>(READ_VIEW, [accountId, customerId]);
    const [first] = rows;
    if (!first) throw new OrbitError('unavailable', 'Usage is counted from another store by now');
    const tail = rows.filter(({ event_no, net }) => event_no !== null && net !== '0');
    return {
      copyId: first.copy_id,
      isBehind: first.copied_no === '0' || first.changes > TAIL_MAX,
      upTo: first.copied_no,
      added: tail.filter(({ net }) => net === '1').map((row) => tailEvent(row, customerId)),
      without: tail.filter(({ net }) => net === '-1').map((row) => BigInt(row.event_no ?? 0)),
    };
  }

  private tablesOf({ copyId }: CopyView) {
    const { events, values } = tablesOf(copyId);
    return { events: this.server.nameOf(events), values: this.server.nameOf(values) };
  }

  private async rows<Row>(
    text: string,
    parameters: Record<string, string>,
  ): Promise<readonly Row[]> {
    try {
      return await this.server.rows<Row>(text, parameters);
    } catch (cause) {
      if (!(cause instanceof MissingTable)) throw cause;
      throw new OrbitError('unavailable', 'Usage is being copied to ClickHouse anew', { cause });
    }
  }
}

const partOf = (
  { upTo, without }: CopyView,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Part => ({ fromMs, toMs, upTo, without });

const valuesOf = (text: string) => JSON.parse(text) as readonly (string | null)[];

const eventOf = (row: EventRow, customerId: string): CountedEvent => ({
  idempotencyKey: row.idempotency_key,
  customerId,
  externalCustomerId: row.external_customer_id,
  eventName: row.event_name,
  timestampMs: Number(row.at),
  properties: JSON.parse(row.properties) as UsageProperties,
  fingerprint: row.fingerprint,
});

const tailEvent = (row: TailRow, customerId: string): CountedEvent => ({
  idempotencyKey: row.idempotency_key,
  customerId,
  externalCustomerId: row.external_customer_id,
  eventName: row.event_name,
  timestampMs: row.event_time.getTime(),
  properties: row.properties,
  fingerprint: row.fingerprint.replaceAll('-', ''),
});

function groupOf(row: GroupRow): Omit<RolledGroup, 'window'> {
  const count = Number(row.counted);
  const hasValues = count > 0;
  const latest = {
    ...{ atMs: Number(row.latest_ms), key: keyOfOrdered(row.latest_key) },
    value: decimalOf(row.latest),
  };
  return {
    leafId: row.leaf,
    values: valuesOf(row.group_values),
    eventCount: Number(row.events),
    count,
    sum: decimalOf(row.sum),
    moment: decimalOf(row.moment),
    min: hasValues ? decimalOf(row.min) : null,
    max: hasValues ? decimalOf(row.max) : null,
    latest: hasValues ? latest : null,
    fingerprint: BigInt(row.fingerprint),
    isDirty: row.is_odd === 1,
  };
}
