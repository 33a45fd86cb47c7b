import { OrbitError } from '@orbit/contracts';
import type { SqlSession, Transactions } from '../../events/domain/usage-store.js';
import type { UsageProperties } from '../../events/domain/usage-event.js';
import { eventRow, valueRow, type CopiedChange, type CopiedLeaf } from '../domain/copied-rows.js';
import { MissingTable, type ClickHouseServer } from './clickhouse-server.js';
import { countRows, createEvents, createValues, tablesOf, walkEvents } from './clickhouse-sql.js';
import type { LeafMemory } from './leaf-memory.js';
import type { StorageSwitch } from './storage-switch.js';

/** Changes that one block takes over, and rows of values that one insert brings. */
const BLOCK_CHANGES_MAX = 20_000;
const VALUE_ROWS_MAX = 100_000;
/** Events that one step of the walk for a new leaf reads. */
const WALK_EVENTS = 20_000;

interface StorageRow {
  readonly copy_id: string;
  readonly cut_no: string;
  readonly copied_no: string;
  readonly event_rows: string;
  readonly value_rows: string;
}

/** Held until the transaction ends: one process cuts or copies at a time. */
const HOLD = `
  SELECT copy_id, cut_no::text, copied_no::text, event_rows::text, value_rows::text
  FROM usage_metering.usage_storage WHERE store = 'clickhouse' FOR NO KEY UPDATE`;
/** PostgreSQL has nothing to do while ClickHouse works. */
const WAIT_LONGER = `SET LOCAL idle_in_transaction_session_timeout = '2min'`;
const NEW_LEAVES = `
  INSERT INTO usage_metering.usage_copied_leaf (leaf_id, from_block, is_filled)
  SELECT id, $1::bigint, $1::bigint = 1 FROM usage_metering.usage_leaf l
  WHERE NOT EXISTS (SELECT FROM usage_metering.usage_copied_leaf c WHERE c.leaf_id = l.id)
  ORDER BY id`;
const CUT = `
  WITH cut AS (
    UPDATE usage_metering.usage_outbox SET block_no = $1 WHERE change_no IN (
      SELECT change_no FROM usage_metering.usage_outbox WHERE block_no IS NULL
      ORDER BY change_no LIMIT ${BLOCK_CHANGES_MAX})
    RETURNING 1
  ), counted AS (SELECT count(*) AS count FROM cut)
  UPDATE usage_metering.usage_storage SET cut_no = $1 FROM counted WHERE counted.count > 0
  RETURNING cut_no`;
const READ_BLOCK = `
  SELECT o.account_id, o.customer_id, o.event_no::text, sum(o.sign)::integer AS sign,
    e.idempotency_key, e.external_customer_id, e.event_name, e.event_time, e.properties, e.fingerprint
  FROM usage_metering.usage_outbox o JOIN usage_metering.usage_event e USING (event_no)
  WHERE o.block_no = $1
  GROUP BY o.account_id, o.customer_id, o.event_no, e.event_no
  HAVING sum(o.sign) <> 0 ORDER BY o.event_no, o.customer_id`;
const LEAVES_OF_BLOCK = `
  SELECT l.account_id, l.id::text FROM usage_metering.usage_copied_leaf c
  JOIN usage_metering.usage_leaf l ON l.id = c.leaf_id
  WHERE c.from_block <= $1 AND l.account_id = ANY($2::text[]) ORDER BY l.id`;
const COPIED = `
  WITH gone AS (DELETE FROM usage_metering.usage_outbox WHERE block_no = $1)
  UPDATE usage_metering.usage_storage SET copied_no = $1, event_rows = $2, value_rows = $3`;
const NEXT_WALK = `
  SELECT c.leaf_id::text, c.from_block::text, c.steps, c.after_customer_id, c.after_ms::text,
    c.after_event_no::text, c.after_block_no::text, l.account_id
  FROM usage_metering.usage_copied_leaf c JOIN usage_metering.usage_leaf l ON l.id = c.leaf_id
  WHERE NOT c.is_filled ORDER BY c.leaf_id LIMIT 1`;
const WALKED = `
  WITH rows AS (UPDATE usage_metering.usage_storage SET value_rows = $2)
  UPDATE usage_metering.usage_copied_leaf SET steps = steps + 1, is_filled = $3,
    after_customer_id = $4, after_ms = $5, after_event_no = $6, after_block_no = $7
  WHERE leaf_id = $1`;

interface BlockRow {
  readonly account_id: string;
  readonly customer_id: string;
  readonly event_no: string;
  readonly sign: 1 | -1;
  readonly idempotency_key: string;
  readonly external_customer_id: string | null;
  readonly event_name: string;
  readonly event_time: Date;
  readonly properties: UsageProperties;
  readonly fingerprint: string;
}
interface WalkRow {
  readonly leaf_id: string;
  readonly from_block: string;
  readonly steps: number;
  readonly after_customer_id: string;
  readonly after_ms: string;
  readonly after_event_no: string;
  readonly after_block_no: string;
  readonly account_id: string;
}
interface WalkedEvent {
  readonly customer_id: string;
  readonly at: string;
  readonly no: string;
  readonly sign: 1 | -1;
  readonly block: string;
  readonly idempotency_key: string;
  readonly external_customer_id: string | null;
  readonly event_name: string;
  readonly properties: string;
  readonly fingerprint: string;
}

/** The copy has other rows than were written to it. */
class BrokenCopy extends Error {
  constructor(readonly copyId: string) {
    super('the copy in ClickHouse is not what was written');
  }
}

/**
 * Copies to ClickHouse what the outbox has, block by block. What a block holds is written down before it is sent, so
 * that it can be sent again; ClickHouse drops the second one by its token, and the rows are counted afterwards.
 */
export class ClickHouseCopy {
  private madeFor: string | null = null;

  constructor(
    private readonly transactions: Transactions,
    private readonly server: ClickHouseServer,
    private readonly leaves: LeafMemory,
    private readonly anew: StorageSwitch,
    private readonly onAnew: (copyId: string) => void,
  ) {}

  /** Returns how many steps there were; at most `limit`. Errors: unavailable, the database's own; the next run goes on. */
  async run(limit: number): Promise<number> {
    try {
      for (let count = 0; count < limit; count++) {
        const isCut = await this.cut();
        const isCopied = await this.copy();
        const isWalked = await this.walk();
        if (!isCut && !isCopied && !isWalked) return count;
      }
      return limit;
    } catch (error) {
      if (!(error instanceof BrokenCopy)) throw error;
      if (await this.anew.copyAnew(error.copyId)) this.onAnew(error.copyId);
      return 1;
    }
  }

  private cut(): Promise<boolean> {
    return this.transactions.run(async (sql) => {
      const [held] = await sql.query<StorageRow>(HOLD);
      if (!held || held.cut_no !== held.copied_no) return false;
      const next = (BigInt(held.cut_no) + 1n).toString();
      await sql.query(NEW_LEAVES, [next]);
      return (await sql.query(CUT, [next])).length > 0;
    });
  }

  private copy(): Promise<boolean> {
    return this.held(async (sql, held) => {
      if (held.cut_no === held.copied_no) return false;
      const blockNo = held.cut_no;
      const rows = await sql.query<BlockRow>(READ_BLOCK, [blockNo]);
      const changes = rows.map((row) => changeOf(row, blockNo));
      const leaves = await this.leavesOf(sql, blockNo, changes);
      const values = changes.flatMap((change) =>
        (leaves.get(change.accountId) ?? []).flatMap((leaf) => valueRow(leaf, change) ?? []),
      );
      const tables = tablesOf(held.copy_id);
      await this.server.insert(tables.events, changes.map(eventRow), `block ${blockNo}`);
      await this.insertValues(tables.values, values, `block ${blockNo}`);
      const eventRows = BigInt(held.event_rows) + BigInt(changes.length);
      const valueRows = BigInt(held.value_rows) + BigInt(values.length);
      await this.expectRows(held.copy_id, eventRows, valueRows);
      await sql.query(COPIED, [blockNo, eventRows.toString(), valueRows.toString()]);
      return true;
    });
  }

  /** A step of the walk over blocks from before a leaf was kept. */
  private walk(): Promise<boolean> {
    return this.held(async (sql, held) => {
      if (held.cut_no !== held.copied_no) return false;
      const [walk] = await sql.query<WalkRow>(NEXT_WALK);
      if (!walk) return false;
      const { leaf_id: id, account_id: accountId } = walk;
      const tables = tablesOf(held.copy_id);
      const after = {
        ...{ fromBlock: walk.from_block, atMs: walk.after_ms },
        ...{ eventNo: walk.after_event_no, blockNo: walk.after_block_no },
      };
      const rows = await this.server.rows<WalkedEvent>(
        walkEvents(this.server.nameOf(tables.events), after, WALK_EVENTS),
        { account: accountId, customer: walk.after_customer_id },
      );
      const leaf = (await this.leaves.read(sql, [id])).get(id);
      const values = rows.flatMap((row) => (leaf && valueRow(leaf, walked(row, accountId))) ?? []);
      await this.insertValues(tables.values, values, `leaf ${id} ${walk.steps}`);
      const valueRows = BigInt(held.value_rows) + BigInt(values.length);
      await this.expectRows(held.copy_id, BigInt(held.event_rows), valueRows);
      const last = rows.at(-1);
      await sql.query(WALKED, [
        ...[id, valueRows.toString(), rows.length < WALK_EVENTS],
        last?.customer_id ?? walk.after_customer_id,
        ...[last?.at ?? walk.after_ms, last?.no ?? walk.after_event_no],
        last?.block ?? walk.after_block_no,
      ]);
      return true;
    });
  }

  private held(work: (sql: SqlSession, held: StorageRow) => Promise<boolean>): Promise<boolean> {
    return this.transactions.run(async (sql) => {
      const [held] = await sql.query<StorageRow>(HOLD);
      if (!held) return false;
      await sql.query(WAIT_LONGER);
      try {
        await this.prepare(held);
        return await work(sql, held);
      } catch (error) {
        if (error instanceof MissingTable) throw new BrokenCopy(held.copy_id);
        throw error;
      }
    });
  }

  /** Tables are made for a copy that has no rows yet; later they must be there. */
  private async prepare(held: StorageRow): Promise<void> {
    if (this.madeFor === held.copy_id) return;
    const { events, values } = tablesOf(held.copy_id);
    if (held.copied_no === '0') {
      await this.server.make([
        createEvents(this.server.nameOf(events)),
        createValues(this.server.nameOf(values)),
      ]);
    }
    const [eventRows, valueRows] = await this.countRows(held.copy_id);
    const isWhole = eventRows >= BigInt(held.event_rows) && valueRows >= BigInt(held.value_rows);
    if (!isWhole) throw new BrokenCopy(held.copy_id);
    this.madeFor = held.copy_id;
  }

  private async expectRows(copyId: string, events: bigint, values: bigint): Promise<void> {
    const [eventRows, valueRows] = await this.countRows(copyId);
    if (eventRows !== events || valueRows !== values) throw new BrokenCopy(copyId);
  }

  private async countRows(copyId: string): Promise<readonly [bigint, bigint]> {
    const { events, values } = tablesOf(copyId);
    const count = async (table: string): Promise<bigint> => {
      const text = countRows(this.server.nameOf(table));
      const [row] = await this.server.rows<{ readonly count: string }>(text);
      if (!row) throw new OrbitError('unavailable', 'ClickHouse is unavailable');
      return BigInt(row.count);
    };
    return [await count(events), await count(values)];
  }

  private async insertValues(table: string, rows: readonly object[], token: string): Promise<void> {
    for (let at = 0; at < rows.length; at += VALUE_ROWS_MAX) {
      await this.server.insert(table, rows.slice(at, at + VALUE_ROWS_MAX), `${token} ${at}`);
    }
  }

  private async leavesOf(
    sql: SqlSession,
    blockNo: string,
    changes: readonly CopiedChange[],
  ): Promise<ReadonlyMap<string, readonly CopiedLeaf[]>> {
    const accounts = [...new Set(changes.map(({ accountId }) => accountId))];
    const rows = await sql.query<{ readonly account_id: string; readonly id: string }>(
      LEAVES_OF_BLOCK,
      [blockNo, accounts],
    );
    const known = await this.leaves.read(
      sql,
      rows.map(({ id }) => id),
    );
    const leaves = new Map<string, CopiedLeaf[]>();
    for (const { account_id, id } of rows) {
      const leaf = known.get(id);
      if (!leaf) continue;
      const of = leaves.get(account_id) ?? [];
      of.push(leaf);
      leaves.set(account_id, of);
    }
    return leaves;
  }
}

const changeOf = (row: BlockRow, blockNo: string): CopiedChange => ({
  ...{ accountId: row.account_id, customerId: row.customer_id, eventNo: row.event_no },
  ...{ sign: row.sign, blockNo },
  event: {
    idempotencyKey: row.idempotency_key,
    customerId: row.customer_id,
    externalCustomerId: row.external_customer_id,
    eventName: row.event_name,
    timestampMs: row.event_time.getTime(),
    properties: row.properties,
    fingerprint: row.fingerprint.replaceAll('-', ''),
  },
});

const walked = (row: WalkedEvent, accountId: string): CopiedChange => ({
  ...{ accountId, customerId: row.customer_id, eventNo: row.no },
  ...{ sign: row.sign, blockNo: row.block },
  event: {
    idempotencyKey: row.idempotency_key,
    customerId: row.customer_id,
    externalCustomerId: row.external_customer_id,
    eventName: row.event_name,
    timestampMs: Number(row.at),
    properties: JSON.parse(row.properties) as UsageProperties,
    fingerprint: row.fingerprint,
  },
});
