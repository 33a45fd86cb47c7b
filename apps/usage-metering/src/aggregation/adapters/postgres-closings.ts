import type { GroupUsage, UsageWindow } from '@orbit/contracts';
import type { SqlSession, Transactions } from '../../events/domain/usage-store.js';
import type {
  Closings,
  ClosingToStore,
  ClosingTransaction,
  StaleClosing,
  StoredClosing,
  UsageReading,
} from '../application/ports.js';
import { holdAlone } from './customer-locks.js';
import { PostgresReading, type ReadingOn } from './postgres-reading.js';

interface Row {
  readonly interval_id: string;
  readonly window_from: Date;
  readonly window_to: Date;
  readonly revision: number;
  readonly groups: readonly GroupUsage[];
  readonly watermark: Date;
}
interface StaleRow extends Row {
  readonly account_id: string;
  readonly customer_ids: readonly string[];
  readonly definition: unknown;
}

const READ = `
  SELECT interval_id, window_from, window_to, revision, groups, watermark
  FROM usage_metering.usage_closing WHERE account_id = $1 AND interval_id = ANY($2)
  ORDER BY revision, window_from, window_to`;

const INSERT = `
  INSERT INTO usage_metering.usage_closing
    (account_id, interval_id, window_from, window_to, revision, groups, watermark, customer_ids,
     definition)
  SELECT $1, c.interval_id, c.window_from, c.window_to, c.revision, c.groups, c.watermark,
    ARRAY(SELECT json_array_elements_text(c.customer_ids)), c.definition
  FROM unnest($2::json[], $3::json[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::integer[], $8::json[],
    $9::timestamptz[]) AS c (customer_ids, definition, interval_id, window_from, window_to, revision, groups, watermark)`;

export class PostgresClosings implements Closings {
  constructor(
    private readonly transactions: Transactions,
    private readonly sql: SqlSession,
    private readonly readingOn: ReadingOn = (inside) => new PostgresReading(inside),
  ) {}

  inTransaction<T>(work: (tx: ClosingTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((sql) => work(new SqlClosing(sql, this.readingOn(sql))));
  }

  read(accountId: string, intervalIds: readonly string[]): Promise<readonly StoredClosing[]> {
    return readClosings(this.sql, accountId, intervalIds);
  }

  async stale(limit: number): Promise<readonly StaleClosing[]> {
    const rows = await this.sql.query<StaleRow>(
      `SELECT * FROM usage_metering.usage_closing WHERE is_stale ORDER BY no LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({
      accountId: row.account_id,
      customerIds: row.customer_ids,
      definition: row.definition,
      intervalId: row.interval_id,
      window: windowOf(row),
    }));
  }
}

class SqlClosing implements ClosingTransaction {
  readonly events: UsageReading['events'];
  readonly rolledLeaves: UsageReading['rolledLeaves'];
  readonly grainMs: UsageReading['grainMs'];
  readonly rolledGroups: UsageReading['rolledGroups'];
  readonly rolledValues: UsageReading['rolledValues'];

  constructor(
    private readonly sql: SqlSession,
    reading: UsageReading,
  ) {
    this.events = reading.events.bind(reading);
    this.rolledLeaves = reading.rolledLeaves.bind(reading);
    this.grainMs = reading.grainMs.bind(reading);
    this.rolledGroups = reading.rolledGroups.bind(reading);
    this.rolledValues = reading.rolledValues.bind(reading);
  }

  async holdCustomers(accountId: string, customerIds: readonly string[]): Promise<void> {
    await holdAlone(
      this.sql,
      customerIds.map((customerId) => ({ accountId, customerId })),
    );
  }

  read(accountId: string, intervalIds: readonly string[]): Promise<readonly StoredClosing[]> {
    return readClosings(this.sql, accountId, intervalIds);
  }

  async insert(accountId: string, rows: readonly ClosingToStore[]): Promise<void> {
    if (rows.length === 0) return;
    await this.sql.query(INSERT, [
      accountId,
      rows.map(({ customerIds }) => JSON.stringify(customerIds)),
      rows.map(({ definition }) => JSON.stringify(definition)),
      rows.map(({ intervalId }) => intervalId),
      rows.map(({ from }) => from),
      rows.map(({ to }) => to),
      rows.map(({ revision }) => revision),
      rows.map(({ groups }) => JSON.stringify(groups)),
      rows.map(({ watermarkMs }) => new Date(watermarkMs).toISOString()),
    ]);
  }

  async markFresh(accountId: string, intervalId: string, window: UsageWindow): Promise<void> {
    await this.sql.query(
      `UPDATE usage_metering.usage_closing SET is_stale = false
       WHERE account_id = $1 AND interval_id = $2 AND window_from = $3 AND window_to = $4 AND is_stale`,
      [accountId, intervalId, window.from, window.to],
    );
  }
}

async function readClosings(
  sql: SqlSession,
  accountId: string,
  intervalIds: readonly string[],
): Promise<readonly StoredClosing[]> {
  const rows = await sql.query<Row>(READ, [accountId, intervalIds]);
  return rows.map((row) => ({
    ...windowOf(row),
    intervalId: row.interval_id,
    revision: row.revision,
    groups: row.groups,
    watermarkMs: row.watermark.getTime(),
  }));
}

const windowOf = (row: Row): UsageWindow => ({
  from: row.window_from.toISOString(),
  to: row.window_to.toISOString(),
});
