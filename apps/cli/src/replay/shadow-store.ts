/**
 * The scratch schema of a shadow run. It has the ledger's own tables, so that what was decided again is
 * compared by SQL, column by column; the live schema is only read.
 */
import type pg from 'pg';
import type { NamedWallet } from './replay-filter.js';

const ROWS_PER_STATEMENT = 5_000;
const TABLES = ['wallet', 'credit_block', 'entry'] as const;
type Table = (typeof TABLES)[number];

/** A message that waits for its wallet's turn. */
export interface KeptMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly organizationId: string;
  readonly currency: string;
  readonly reference: string;
  readonly value: string;
}

export interface MessageRow {
  readonly topic: string;
  readonly partition: number;
  readonly message_offset: string;
  readonly organization_id: string;
  readonly currency: string;
  readonly reference: string;
  readonly value: string;
}

export interface ShadowedWallet {
  readonly wallet_no: string;
  readonly organization_id: string;
  readonly currency: string;
  readonly balance_micros: string;
}

/** Of all its columns these are read here. */
export interface BookedEntry {
  readonly reference: string;
  readonly channel: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

/** All that the books know of a wallet. */
export interface WalletHistory {
  readonly row: ShadowedWallet;
  readonly entries: readonly BookedEntry[];
  readonly blocks: readonly object[];
  readonly escrows: readonly object[];
  /** References of charges that were refused. */
  readonly rejected: ReadonlySet<string>;
}

/** Rows that stand on one side only; `first` is the sequence of the first such entry. */
export interface WalletDifference {
  readonly wallet_no: string;
  readonly entry: number;
  readonly credit_block: number;
  readonly wallet: number;
  readonly first: string | null;
}

/** The columns that must come out equal. Notices and policies follow settings of their day, which nobody recorded. */
const COLUMNS: Readonly<Record<Table, readonly string[]>> = {
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

const MESSAGE_COLUMNS: readonly (keyof KeptMessage)[] = [
  'topic',
  'partition',
  'offset',
  'organizationId',
  'currency',
  'reference',
  'value',
];

interface OwnRow {
  readonly wallet_no: string;
}

/** Constraints stay out: a shadow must be able to hold what the live tables would refuse. */
export async function createSchema(client: pg.ClientBase, schema: string): Promise<void> {
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

export const dropSchema = (client: pg.ClientBase, schema: string): Promise<unknown> =>
  client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);

/** Keeps messages until their wallet's turn; a message that is there already stays. */
export async function saveMessages(
  client: pg.ClientBase,
  schema: string,
  rows: readonly KeptMessage[],
): Promise<void> {
  const column = (name: keyof KeptMessage): unknown[] => rows.map((row) => row[name]);
  await client.query(
    `INSERT INTO ${schema}.message
     SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
     ON CONFLICT DO NOTHING`,
    MESSAGE_COLUMNS.map(column),
  );
}

/** Messages of these wallets in the order of their partitions: the first under a reference is the one that counts. */
export async function readMessages(
  client: pg.ClientBase,
  schema: string,
  wallets: readonly ShadowedWallet[],
): Promise<MessageRow[]> {
  const { rows } = await client.query<MessageRow>(
    `SELECT m.* FROM ${schema}.message m
     WHERE EXISTS (
       SELECT FROM unnest($1::text[], $2::text[]) AS k (organization_id, currency)
       WHERE k.organization_id = m.organization_id AND m.currency IN (k.currency, ''))
     ORDER BY m.topic, m.partition, m.message_offset`,
    [wallets.map((w) => w.organization_id), wallets.map((w) => w.currency)],
  );
  return rows;
}

/** A moment of the live books that several transactions can share. */
export async function exportSnapshot(client: pg.ClientBase): Promise<string> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const { rows } = await client.query<{ readonly id: string }>('SELECT pg_export_snapshot() AS id');
  return rows[0]?.id ?? '';
}

export async function countWallets(
  client: pg.ClientBase,
  wallet: NamedWallet | null,
  afterNo: string,
): Promise<number> {
  const { rows } = await client.query<{ readonly count: number }>(
    `SELECT count(*)::integer AS count FROM wallet_ledger.wallet WHERE ${WANTED}`,
    wantedValues(wallet, afterNo),
  );
  return rows[0]?.count ?? 0;
}

const WANTED = `wallet_no > $1 AND ($2::text IS NULL OR organization_id = $2)
  AND ($3::text IS NULL OR lower(currency) = lower($3))`;
const wantedValues = (wallet: NamedWallet | null, afterNo: string): unknown[] => [
  afterNo,
  wallet?.organizationId ?? null,
  wallet?.currency ?? null,
];

/** The next wallets with all that the books know of them, by wallet number. */
export async function readWalletRows(
  client: pg.ClientBase,
  wallet: NamedWallet | null,
  afterNo: string,
  limit: number,
): Promise<WalletHistory[]> {
  const { rows: wallets } = await client.query<ShadowedWallet>(
    `SELECT * FROM wallet_ledger.wallet WHERE ${WANTED} ORDER BY wallet_no LIMIT $4`,
    [...wantedValues(wallet, afterNo), limit],
  );
  const numbers = wallets.map((row) => row.wallet_no);
  const of = async <T extends { readonly wallet_no: string }>(table: string, order: string) => {
    const { rows } = await client.query<T>(
      `SELECT * FROM wallet_ledger.${table} WHERE wallet_no = ANY ($1::bigint[]) ORDER BY ${order}`,
      [numbers],
    );
    const byWallet = new Map<string, T[]>(numbers.map((no) => [no, []]));
    for (const row of rows) byWallet.get(row.wallet_no)?.push(row);
    return (no: string): readonly T[] => byWallet.get(no) ?? [];
  };
  const entries = await of<OwnRow & BookedEntry>('entry', 'wallet_no, sequence');
  const blocks = await of<OwnRow>('credit_block', 'wallet_no, sequence');
  const escrows = await of<OwnRow>('escrow', 'wallet_no, opened_at');
  const rejections = await of<OwnRow & { readonly charge_id: string }>(
    'rejection',
    'wallet_no, charge_id',
  );
  return wallets.map((row) => ({
    row,
    entries: entries(row.wallet_no),
    blocks: blocks(row.wallet_no),
    escrows: escrows(row.wallet_no),
    rejected: new Set(rejections(row.wallet_no).map((r) => `charge:${r.charge_id}`)),
  }));
}

export interface OrganizationReference {
  readonly organization_id: string;
  readonly reference: string;
}

/** Those that any wallet of their organization booked or rejected, each as "organization reference". */
export async function findAnswered(
  client: pg.ClientBase,
  of: readonly OrganizationReference[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<OrganizationReference>(
    `SELECT k.organization_id, k.reference FROM unnest($1::text[], $2::text[]) AS k (organization_id, reference)
     WHERE EXISTS (
       SELECT FROM wallet_ledger.wallet w WHERE w.organization_id = k.organization_id AND (
         EXISTS (SELECT FROM wallet_ledger.entry e
           WHERE e.wallet_no = w.wallet_no AND e.reference IN (k.reference, k.reference || '~plan'))
         OR EXISTS (SELECT FROM wallet_ledger.rejection r
           WHERE r.wallet_no = w.wallet_no AND 'charge:' || r.charge_id = k.reference)))`,
    [of.map((one) => one.organization_id), of.map((one) => one.reference)],
  );
  return new Set(rows.map((one) => `${one.organization_id} ${one.reference}`));
}

/** Rows as JSON: the database reads them by the types of its own columns. */
export async function saveRows(
  client: pg.ClientBase,
  schema: string,
  rowsByTable: Readonly<Record<Table, readonly object[]>>,
): Promise<void> {
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
export async function compareWallets(
  client: pg.ClientBase,
  schema: string,
  walletNos: readonly string[],
): Promise<WalletDifference[]> {
  const parts = TABLES.map((table) => {
    const columns = ['wallet_no', ...COLUMNS[table]].join(', ');
    const from = (source: string): string =>
      `SELECT ${columns} FROM ${source}.${table} WHERE wallet_no = ANY ($1::bigint[])`;
    const first = table === 'entry' ? 'sequence' : 'NULL::bigint';
    return `SELECT wallet_no, '${table}' AS what, ${first} AS sequence FROM (
      (${from('wallet_ledger')} EXCEPT ALL ${from(schema)}) UNION ALL
      (${from(schema)} EXCEPT ALL ${from('wallet_ledger')})) AS d`;
  });
  const { rows } = await client.query<WalletDifference>(
    `SELECT wallet_no, count(*) FILTER (WHERE what = 'entry')::integer AS entry,
       count(*) FILTER (WHERE what = 'credit_block')::integer AS credit_block,
       count(*) FILTER (WHERE what = 'wallet')::integer AS wallet, min(sequence) AS first
     FROM (${parts.join(' UNION ALL ')}) AS differences GROUP BY wallet_no ORDER BY wallet_no`,
    [walletNos],
  );
  return rows;
}
