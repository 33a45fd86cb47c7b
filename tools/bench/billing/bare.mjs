/** The same rows as a billing run makes, written by bare statements: a batch of subscriptions in one transaction. */
import pg from 'pg';
import { ACCOUNT } from './subscriptions.mjs';

const BATCH = 500;
const CONNECTIONS = 2;
const TABLES = { invoice: 'invoicing.orb_invoice', line: 'invoicing.orb_invoice_line' };

/** Columns of a table that a statement may write, with their types. */
async function columnsOf(client, table) {
  const { rows } = await client.query(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''
     ORDER BY attnum`,
    [table],
  );
  return rows;
}

async function readRows(client, table, key, ids) {
  const columns = await columnsOf(client, table);
  const list = columns.map(({ name }) => `${name}::text AS ${name}`).join(', ');
  const { rows } = await client.query({
    text: `SELECT ${list} FROM ${table} WHERE ${key} = ANY($1::text[]) ORDER BY ${key}`,
    values: [ids],
  });
  return { columns, lists: columns.map(({ name }) => rows.map((row) => row[name])) };
}

/** The rows that the run left, in batches that are ready to be written. */
export async function readBatches(client) {
  const { rows } = await client.query(
    'SELECT id, subscription_id FROM invoicing.orb_invoice ORDER BY id',
  );
  const batches = [];
  for (let from = 0; from < rows.length; from += BATCH) {
    const part = rows.slice(from, from + BATCH);
    const ids = part.map(({ id }) => id);
    const invoice = await readRows(client, TABLES.invoice, 'id', ids);
    const line = await readRows(client, TABLES.line, 'invoice_id', ids);
    batches.push({ invoice, line, subscriptions: part.map((row) => row.subscription_id) });
  }
  const { rows: next } = await client.query(
    'SELECT max(next_due_at) AS at FROM invoicing.orb_subscription',
  );
  return { batches, nextDueAt: next[0].at };
}

const insertOf = (table, columns) => {
  const names = columns.map(({ name }) => name).join(', ');
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const values = columns.map(({ name, type }) => `r.${name}::${type}`).join(', ');
  return `INSERT INTO ${table} (${names}) SELECT ${values} FROM unnest(${arrays}) AS r (${names})`;
};

async function write(client, { invoice, line, subscriptions }, nextDueAt) {
  await client.query('BEGIN');
  await client.query(insertOf(TABLES.invoice, invoice.columns), invoice.lists);
  await client.query(insertOf(TABLES.line, line.columns), line.lists);
  await client.query(
    'UPDATE invoicing.orb_subscription SET next_due_at = $2 WHERE id = ANY($1::text[])',
    [subscriptions, nextDueAt],
  );
  await client.query(
    `INSERT INTO invoicing.document_series AS s (account, kind, year, last) VALUES ($1, 'invoice', 2026, $2)
     ON CONFLICT (account, kind, year) DO UPDATE SET last = s.last + excluded.last`,
    [ACCOUNT, subscriptions.length],
  );
  await client.query('COMMIT');
}

/** Seconds that it takes over two connections. */
export async function writeBare(url, { batches, nextDueAt }) {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.connect()));
  const waiting = [...batches];
  const startedMs = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
        await write(client, batch, nextDueAt);
      }
      client.release();
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  await pool.end();
  return seconds;
}
