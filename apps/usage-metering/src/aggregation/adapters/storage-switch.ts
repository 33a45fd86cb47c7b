import type { SqlSession, Transactions } from '../../events/domain/usage-store.js';
import { randomBytes } from 'node:crypto';
import { holdEverybody } from './customer-locks.js';
import type { StoreName } from '../domain/stores.js';

/** Events that one statement lists. */
const PAGE_SIZE = 50_000;
const TRIES_MAX = 5;
const DEADLOCK = '40P01';

const LIST = `
  WITH page AS (
    SELECT event_no, account_id, customer_id FROM usage_metering.usage_event
    WHERE event_no > $1 AND state = 'visible' AND customer_id IS NOT NULL
    ORDER BY event_no LIMIT ${PAGE_SIZE}
  ), listed AS (
    INSERT INTO usage_metering.usage_outbox (account_id, customer_id, event_no, sign)
    SELECT account_id, customer_id, event_no, 1 FROM page ORDER BY event_no
  )
  SELECT max(event_no)::text AS last FROM page`;

const WISH_ALL = `
  INSERT INTO usage_metering.usage_leaf_fill (leaf_id, customer_id, filled_from)
  SELECT l.id, u.customer_id, 'infinity' FROM usage_metering.usage_leaf l
  JOIN usage_metering.customer_usage u USING (account_id)
  ON CONFLICT (leaf_id, customer_id) DO NOTHING`;

/** Puts usage into another store: from then on it is counted from there, and every process must be set to it. */
export class StorageSwitch {
  constructor(private readonly transactions: Transactions) {}

  /** Returns whether it was elsewhere. Errors: the database's own. */
  use(store: StoreName): Promise<boolean> {
    return this.repeated(async (sql) => {
      if ((await readStore(sql)) === store) return false;
      await begin(sql, store);
      return true;
    });
  }

  /** The copy in ClickHouse is not what it should be: all that counts is copied again, beside it. */
  copyAnew(copyId: string): Promise<boolean> {
    return this.repeated(async (sql) => {
      const [row] = await sql.query<{ readonly copy_id: string }>(
        "SELECT copy_id FROM usage_metering.usage_storage WHERE store = 'clickhouse'",
      );
      if (row?.copy_id !== copyId) return false;
      await begin(sql, 'clickhouse');
      return true;
    });
  }

  /** Whoever fills rollups takes its locks in another order. */
  private async repeated<T>(work: (sql: SqlSession) => Promise<T>): Promise<T> {
    for (let count = 1; ; count++) {
      try {
        return await this.transactions.run(async (sql) => {
          await holdEverybody(sql);
          return work(sql);
        });
      } catch (error) {
        const isDeadlock = (error as { code?: unknown }).code === DEADLOCK;
        if (!isDeadlock || count === TRIES_MAX) throw error;
      }
    }
  }
}

async function readStore(sql: SqlSession): Promise<string | undefined> {
  const [row] = await sql.query<{ readonly store: string }>(
    'SELECT store FROM usage_metering.usage_storage FOR UPDATE',
  );
  return row?.store;
}

async function begin(sql: SqlSession, store: StoreName): Promise<void> {
  await sql.query(
    `UPDATE usage_metering.usage_storage SET store = $1, copy_id = $2, cut_no = 0, copied_no = 0,
       event_rows = 0, value_rows = 0`,
    [store, randomBytes(6).toString('hex')],
  );
  await sql.query('DELETE FROM usage_metering.usage_outbox');
  await sql.query('DELETE FROM usage_metering.usage_copied_leaf');
  // Rollups are not followed any more, or begin anew, for everybody who has usage.
  await sql.query(WISH_ALL);
  await sql.query("UPDATE usage_metering.usage_leaf_fill SET filled_from = 'infinity'");
  await sql.query('TRUNCATE usage_metering.usage_leaf_bucket, usage_metering.usage_leaf_value');
  if (store === 'postgres') return;
  for (let after: string | null = '-1'; after !== null;) {
    const [page]: readonly { readonly last: string | null }[] = await sql.query(LIST, [after]);
    after = page?.last ?? null;
  }
}
