// Goal: what a superuser changes behind the ledger's back is found, from the database and from an export.
// Method: real PostgreSQL, sealed by the ledger's own code, the command line as a process of its own.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@orbit/kernel';
import { createTestDatabase } from '@orbit/testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { SealEntries } from '../../../wallet-ledger/src/proof/application/seal-entries.js';
import { openWallet, spend } from '../../../wallet-ledger/src/proof/books-under-test.js';
import { noHints } from '../../../wallet-ledger/src/proof/no-hints.fake.js';
import { auditLedger } from '../../../wallet-ledger/src/books/adapters/ledger-audit.js';
import { PostgresSealStore } from '../../../wallet-ledger/src/proof/adapters/postgres-seal-store.js';
import { runOrbit, type OrbitRun } from '../cli/orbit-process.fake.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let admin: pg.Client;
let folder: string;
const told: { root_no: string; root: string }[] = [];

async function seal(): Promise<void> {
  const store = new PostgresSealStore(pool);
  const events = {
    publish: (batch: readonly { value: unknown }[]) => {
      told.push(...batch.map(({ value }) => value as (typeof told)[number]));
      return Promise.resolve();
    },
  };
  const silent = {
    published: () => undefined,
    gap: () => undefined,
    ran: () => Promise.resolve(),
  };
  await new SealEntries(store, noHints, events, silent, systemClock, 10_000).run();
}

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  folder = await mkdtemp(join(tmpdir(), 'orbit-ledger-'));
  const wallets = [await openWallet(pool, 90_000_000n), await openWallet(pool, 5_000_000n, 'JPY')];
  for (const wallet of wallets) await spend(pool, wallet, 30);
  await seal();
  await spend(pool, wallets[0]!, 10);
  await seal();
  await spend(pool, wallets[1]!, 3);
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await Promise.all([pool.end(), admin.end(), rm(folder, { recursive: true, force: true })]);
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

const orbit = (...args: string[]): Promise<OrbitRun> =>
  runOrbit({ ORBIT_DATABASE_URL: database.adminUrl }, args);
interface Verified {
  clean: boolean;
  first: Record<string, unknown> | null;
  counts: Record<string, number>;
}
const verified = ({ stdout }: OrbitRun): Verified => JSON.parse(stdout) as Verified;

const behind = async (sql: string): Promise<void> => {
  await admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
};

/** Changes rows of a table as somebody with every right can: triggers do not see it. All is mended afterwards. */
async function tamper(statement: string, table: string): Promise<OrbitRun> {
  const { rows } = await admin.query<{ list: string }>(
    `SELECT string_agg(quote_ident(column_name), ', ') AS list FROM information_schema.columns
     WHERE table_schema = 'wallet_ledger' AND table_name = $1 AND is_generated = 'NEVER'`,
    [table],
  );
  const columns = rows[0]?.list ?? '';
  const name = `wallet_ledger.${table}`;
  await behind(`CREATE TABLE kept AS SELECT ${columns} FROM ${name}; ${statement}`);
  try {
    return await orbit('--json', 'ledger', 'verify');
  } finally {
    await behind(
      `DELETE FROM ${name}; INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE
       SELECT ${columns} FROM kept; DROP TABLE kept`,
    );
  }
}

test('export and verify: the same books pass from the database and, without one, from the file', async () => {
  const live = await orbit('--json', 'ledger', 'verify');
  expect(live.stderr).not.toMatch(/rror/);
  expect(live.status).toBe(0);
  expect(verified(live)).toMatchObject({
    clean: true,
    counts: { wallets: 2, entries: 75, seals: 3, roots: 2, sealed_entries: 72 },
    currencies: expect.arrayContaining([
      expect.objectContaining({ currency: 'JPY', sum: '0' }),
      expect.objectContaining({ currency: 'USD', sum: '0.00' }),
    ]) as unknown,
  });
  for (const name of ['books.ndjson', 'books.ndjson.gz']) {
    const file = join(folder, name);
    expect((await orbit('ledger', 'export', file)).status).toBe(0);
    const offline = await runOrbit({ ORBIT_DATABASE_URL: '' }, [
      '--json',
      'ledger',
      'verify',
      file,
    ]);
    expect(verified(offline)).toEqual(verified(live));
  }
  const packed = await readFile(join(folder, 'books.ndjson.gz'));
  const unpacked = await readFile(join(folder, 'books.ndjson'), 'utf8');
  const lines = (text: string): string[] => text.split('\n').slice(1, -2);
  expect(lines(gunzipSync(packed).toString())).toEqual(lines(unpacked));
});

test('roots that were noted when they were published must be there', async () => {
  const file = join(folder, 'sealed.ndjson');
  await writeFile(file, told.map((value) => JSON.stringify(value)).join('\n'));
  expect((await orbit('ledger', 'verify', '--roots', file)).status).toBe(0);
  const other = await orbit('ledger', 'verify', '--root', `2:${'a'.repeat(64)}`);
  expect(other.status).toBe(1);
  expect(other.stdout).toMatch(/seal_root 2, root: a+ was published: this is another history/);
});

const ENTRY = 'entry SET {} WHERE wallet_no = 1 AND sequence = 17';
const entryChanges: [change: string, expected: Record<string, unknown>][] = [
  ['amount_micros = 1', { field: 'amount_micros', was: '7500' }],
  ['balance_after_micros = 1', { field: 'balance_after_micros' }],
  ['type = 5', { field: 'type', was: 2 }],
  ['quantity = 7', { field: 'quantity', was: 1 }],
  ['block_sequence = NULL', { field: 'block_sequence', was: '1' }],
  ["authorized_by = 'hold'", { field: 'authorized_by', was: null }],
  ["reference = 'charge:x'", { field: null }],
  ['metadata = metadata || \'{"country": "2"}\'', { field: null }],
  ["occurred_at = occurred_at - interval '1 day'", { field: 'occurred_at' }],
];
test.each(entryChanges)(
  'T30 a superuser sets %s of entry 17: found and named',
  async (change, expected) => {
    const run = await tamper(`UPDATE wallet_ledger.${ENTRY.replace('{}', change)}`, 'entry');
    expect(run.status).toBe(1);
    expect(verified(run).first).toMatchObject({
      table: 'entry',
      wallet_no: '1',
      sequence: '17',
      ...expected,
    });
  },
);

const otherChanges: [statement: string, table: string, expected: Record<string, unknown>][] = [
  [
    'DELETE FROM wallet_ledger.entry WHERE wallet_no = 1 AND sequence = 20',
    'entry',
    { table: 'entry', sequence: '20' },
  ],
  [
    'DELETE FROM wallet_ledger.entry WHERE wallet_no = 2 AND sequence = 34',
    'entry',
    { table: 'entry', sequence: '34' },
  ],
  [
    'DELETE FROM wallet_ledger.seal WHERE wallet_no = 1 AND root_no = 2',
    'seal',
    { table: 'seal_root', root_no: '2' },
  ],
  [
    'UPDATE wallet_ledger.seal SET hashes = set_byte(hashes, 70, (get_byte(hashes, 70) + 1) % 256) WHERE wallet_no = 1 AND root_no = 1',
    'seal',
    { table: 'seal', wallet_no: '1', field: 'hashes' },
  ],
  [
    "UPDATE wallet_ledger.seal_root SET root = sha256('x') WHERE root_no = 1",
    'seal_root',
    { table: 'seal_root', root_no: '1', field: 'root' },
  ],
  [
    'UPDATE wallet_ledger.wallet SET balance_micros = balance_micros + 1 WHERE wallet_no = 2',
    'wallet',
    { table: 'wallet', wallet_no: '2', field: 'balance_micros' },
  ],
  [
    'UPDATE wallet_ledger.credit_block SET remaining_micros = 0 WHERE wallet_no = 2',
    'credit_block',
    { table: 'credit_block', wallet_no: '2', field: 'remaining_micros' },
  ],
];
test.each(otherChanges)('T30 %s: found and named', async (statement, table, expected) => {
  const run = await tamper(statement, table);
  expect(run.status).toBe(1);
  expect(verified(run).first).toMatchObject(expected);
});

test('after all was mended the books pass again; a damaged or unknown file is told in one sentence', async () => {
  expect((await orbit('ledger', 'verify')).status).toBe(0);
  await writeFile(
    join(folder, 'bad.ndjson'),
    '{"row":"header","format":"orbit.ledger.1"}\n{"row":',
  );
  const bad = await orbit('ledger', 'verify', join(folder, 'bad.ndjson'));
  expect(bad.status).toBe(1);
  expect(bad.stderr).toMatch(/bad.ndjson:2 is not JSON/);
  expect((await orbit('ledger', 'verify', join(folder, 'none'))).stderr).toMatch(
    /There is no file/,
  );
});
