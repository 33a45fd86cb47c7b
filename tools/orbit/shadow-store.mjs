/**
 * The scratch schema of a shadow run. It has the ledger's own tables, so that what was decided again is
 * compared by SQL, column by column; the live schema is only read.
 */
const ROWS_PER_STATEMENT = 5_000;
const TABLES = ['wallet', 'credit_block', 'entry'];

/** What must come out equal. Notices and policies follow settings of their day, which nobody recorded. */
const COLUMNS = {
  wallet: ['balance_micros', 'sequence'],
  credit_block: [
    'sequence',
    'kind',
    'priority',
    'cost_basis_micros',
    'amount_micros',
    'remaining_micros',
    'expired_micros',
    'repaid_micros',
    'voided_at',
    'effective_at',
    'expires_at',
    'created_at',
  ],
  entry: [
    'sequence',
    'type',
    'from_account',
    'to_account',
    'slice',
    'amount_micros',
    'balance_after_micros',
    'block_sequence',
    'quantity',
    'occurred_at',
    'booked_at',
    'reference',
    'channel',
    'metadata',
    'authorized_by',
  ],
};

/** Constraints stay out: a shadow must be able to hold what the live tables would refuse. */
export async function createSchema(client, schema) {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  for (const table of TABLES) {
    const names = ['wallet_no', ...COLUMNS[table]].map((name) => `"${name}"`).join(', ');
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.${table} AS SELECT ${names} FROM wallet_ledger.${table} WITH NO DATA`,
    );
    await client.query(
      `CREATE INDEX IF NOT EXISTS ${table}_wallet_idx ON ${schema}.${table} (wallet_no)`,
    );
  }
  await client.query(`CREATE UNLOGGED TABLE IF NOT EXISTS ${schema}.message (
    topic text, partition integer, message_offset bigint, organization_id text, currency text, reference text, value text,
    PRIMARY KEY (topic, partition, message_offset))`);
  await client.query(
    `CREATE INDEX IF NOT EXISTS message_wallet_idx ON ${schema}.message (organization_id, currency)`,
  );
}

export const dropSchema = (client, schema) =>
  client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);

/** Keeps messages until their wallet's turn; a message that is there already stays. */
export async function saveMessages(client, schema, rows) {
  const column = (name) => rows.map((row) => row[name]);
  await client.query(
    `INSERT INTO ${schema}.message
     SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
     ON CONFLICT DO NOTHING`,
    ['topic', 'partition', 'offset', 'organizationId', 'currency', 'reference', 'value'].map(
      column,
    ),
  );
}

/** Messages of these wallets in the order of their partitions: the first under a reference is the one that counts. */
export async function readMessages(client, schema, wallets) {
  const { rows } = await client.query(
    `SELECT m.* FROM ${schema}.message m
     JOIN unnest($1::text[], $2::text[]) AS k (organization_id, currency) USING (organization_id, currency)
     ORDER BY m.topic, m.partition, m.message_offset`,
    [wallets.map((w) => w.organization_id), wallets.map((w) => w.currency)],
  );
  return rows;
}

/** A moment of the live books that several transactions can share. */
export async function exportSnapshot(client) {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const { rows } = await client.query('SELECT pg_export_snapshot() AS id');
  return rows[0].id;
}

export async function countWallets(client, wallet, afterNo) {
  const { rows } = await client.query(
    `SELECT count(*)::integer AS count FROM wallet_ledger.wallet WHERE ${WANTED}`,
    wantedValues(wallet, afterNo),
  );
  return rows[0].count;
}

const WANTED = `wallet_no > $1 AND ($2::text IS NULL OR organization_id = $2)
  AND ($3::text IS NULL OR lower(currency) = lower($3))`;
const wantedValues = (wallet, afterNo) => [
  String(afterNo),
  wallet?.organizationId ?? null,
  wallet?.currency ?? null,
];

/** The next wallets with all that the books know of them, by wallet number. */
export async function readWalletRows(client, wallet, afterNo, limit) {
  const { rows: wallets } = await client.query(
    `SELECT * FROM wallet_ledger.wallet WHERE ${WANTED} ORDER BY wallet_no LIMIT $4`,
    [...wantedValues(wallet, afterNo), limit],
  );
  const numbers = wallets.map((row) => row.wallet_no);
  const of = async (table, order) => {
    const { rows } = await client.query(
      `SELECT * FROM wallet_ledger.${table} WHERE wallet_no = ANY ($1::bigint[]) ORDER BY ${order}`,
      [numbers],
    );
    const byWallet = new Map(numbers.map((no) => [no, []]));
    for (const row of rows) byWallet.get(row.wallet_no).push(row);
    return byWallet;
  };
  const entries = await of('entry', 'wallet_no, sequence');
  const blocks = await of('credit_block', 'wallet_no, sequence');
  const escrows = await of('escrow', 'wallet_no, opened_at');
  const rejections = await of('rejection', 'wallet_no, charge_id');
  return wallets.map((row) => ({
    row,
    entries: entries.get(row.wallet_no),
    blocks: blocks.get(row.wallet_no),
    escrows: escrows.get(row.wallet_no),
    rejected: new Set(rejections.get(row.wallet_no).map((r) => `charge:${r.charge_id}`)),
  }));
}

/** Rows as JSON: the database reads them by the types of its own columns. */
export async function saveRows(client, schema, rowsByTable) {
  for (const [table, rows] of Object.entries(rowsByTable)) {
    for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
      const part = JSON.stringify(rows.slice(at, at + ROWS_PER_STATEMENT));
      await client.query(
        `INSERT INTO ${schema}.${table} SELECT * FROM jsonb_populate_recordset(NULL::${schema}.${table}, $1)`,
        [part],
      );
    }
  }
}

/** Rows that stand on one side only, by wallet: {entry, credit_block, wallet, first}. */
export async function compareWallets(client, schema, walletNos) {
  const parts = TABLES.map((table) => {
    const columns = ['wallet_no', ...COLUMNS[table]].join(', ');
    const from = (source) =>
      `SELECT ${columns} FROM ${source}.${table} WHERE wallet_no = ANY ($1::bigint[])`;
    const first = table === 'entry' ? 'sequence' : 'NULL::bigint';
    return `SELECT wallet_no, '${table}' AS what, ${first} AS sequence FROM (
      (${from('wallet_ledger')} EXCEPT ALL ${from(schema)}) UNION ALL
      (${from(schema)} EXCEPT ALL ${from('wallet_ledger')})) AS d`;
  });
  const { rows } = await client.query(
    `SELECT wallet_no, count(*) FILTER (WHERE what = 'entry')::integer AS entry,
       count(*) FILTER (WHERE what = 'credit_block')::integer AS credit_block,
       count(*) FILTER (WHERE what = 'wallet')::integer AS wallet, min(sequence) AS first
     FROM (${parts.join(' UNION ALL ')}) AS differences GROUP BY wallet_no ORDER BY wallet_no`,
    [walletNos],
  );
  return rows;
}
