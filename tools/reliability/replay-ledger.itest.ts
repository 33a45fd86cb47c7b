// Goal: history that is replayed, or decided again in a shadow, changes nothing and comes out the same.
// Method: the ledger as a process on real servers, a history with everything in it, the CLI as an operator starts it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, eventually, testInfra, uniqueId } from '@orbit/testing';
import { auditLedger } from '../../apps/wallet-ledger/src/books/adapters/ledger-audit.js';
import { LedgerOnServers } from './ledger-on-servers.mjs';
import type { LedgerProcess } from './ledger-process.mjs';
import { runOrbit } from '../../apps/cli/src/cli/orbit-process.fake.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ledger: LedgerOnServers;
let instance: LedgerProcess;
const organizations = Array.from({ length: 5 }, () => uniqueId('org'));

/** A process of its own that loads its modules anew: seconds on a busy machine. */
async function orbitJson<T>(...args: readonly string[]): Promise<{ status: number; result: T }> {
  const { status, stdout, stderr } = await runOrbit(ledger.orbitEnv, [...args, '--json', '--yes']);
  if (stdout === '') throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { status: status ?? -1, result: JSON.parse(stdout) as T };
}

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await LedgerOnServers.create({
    infra: testInfra(),
    databaseUrl: database.urlFor('orbit_wallet_ledger'),
    adminUrl: database.adminUrl,
    topicPrefix: `${uniqueId('replay')}.`,
  });
  instance = await ledger.instance();
  await instance.start();
  await makeHistory();
}, 240_000);
afterAll(async () => {
  const findings = await auditLedger(ledger.pool);
  await instance.stop();
  await ledger.close();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

const instant = (n: number): string => new Date(Date.UTC(2026, 10, 1) + n).toISOString();
const topUp = (organizationId: string, n: number, amount: string) => ({
  topup_id: `tu_${n}`,
  organization_id: organizationId,
  amount,
  currency: 'USD',
  reference: `stripe_session:cs_${n}`,
  payment_intent_id: `pi_${n}`,
  checkout_session_id: `cs_${n}`,
  payment_method: null,
  receipt_email: null,
  occurred_at: instant(n),
});
const charge = (organizationId: string, id: string, amount: string) => ({
  charge_id: id,
  organization_id: organizationId,
  amount,
  currency: 'USD',
  channel: 'sms',
  quantity: 1,
  authorization_id: null,
  occurred_at: instant(0),
  metadata: { country: '1' },
});

/** Top-ups, promotional credit that goes first, charges over several blocks, rejections, repeats, a dead letter. */
async function makeHistory(): Promise<void> {
  for (const organization_id of organizations) {
    const wallet = { organization_id, currency: 'USD' };
    const grant = { ...wallet, amount: '1.50', kind: 'promotional', reference: 'welcome' };
    // Each is done once however often it is asked for; a call that is answered late is asked again.
    await eventually(() => ledger.call(instance.rpcAddress, 'wallet.open', wallet));
    await eventually(() => ledger.call(instance.rpcAddress, 'block.grant', grant));
  }
  await ledger.send(
    'topup.completed',
    organizations.flatMap((id) => [topUp(id, 1, '3.00'), topUp(id, 2, '2.25')]),
  );
  await ledger.untilRead();
  const charges = organizations.flatMap((id) =>
    Array.from({ length: 60 }, (_, n) => charge(id, `c_${n}`, n % 7 === 0 ? '0.4' : '0.0531')),
  );
  await ledger.send('charge.requested', [...charges, ...charges.slice(0, 40)]);
  await ledger.send('charge.requested', [charge(uniqueId('nobody'), 'c_0', '1')]);
  await ledger.send(
    'charge.requested',
    organizations.map((id) => charge(id, 'too_much', '999')),
  );
  await ledger.untilRead();
  await ledger.send(
    'topup.completed',
    organizations.map((id) => topUp(id, 3, '0.5')),
  );
  await ledger.untilRead();
}

const TABLES = ['wallet', 'credit_block', 'entry', 'rejection'];
async function readBooks(): Promise<unknown> {
  const books: Record<string, unknown> = {};
  for (const table of TABLES) {
    const sql = `SELECT * FROM wallet_ledger.${table} t ORDER BY t::text`;
    books[table] = (await ledger.pool.query(sql)).rows;
  }
  return books;
}

test('T30 a replay of everything changes no balance, no entry and no rejection', async () => {
  const before = await readBooks();
  const charges = await orbitJson('replay', 'charge.requested', '--from', 'earliest');
  expect(charges).toMatchObject({
    status: 0,
    result: { status: 'done', sent: 345, skipped: { dead_letters: 1 } },
  });
  const topUps = await orbitJson('replay', 'topup.completed', '--from', 'earliest');
  expect(topUps).toMatchObject({ result: { status: 'done', sent: 15 } });
  await ledger.untilRead();
  expect(await readBooks()).toEqual(before);
  for (const id of organizations) {
    const shown = await orbitJson('wallet', 'show', id);
    expect(shown).toMatchObject({ status: 0, result: { redis: { state: 'agrees' } } });
  }
}, 240_000);

interface Shadow {
  readonly wallets: number;
  readonly entries_redecided: number;
  readonly entries_given: number;
  readonly entries_not_in_topic: number;
  readonly messages: Record<string, number>;
  readonly differences: readonly { organization_id: string; first_sequence: string }[];
}

test('T30 a shadow of the history comes out the same and leaves nothing behind', async () => {
  const before = await readBooks();
  const { status, result } = await orbitJson<Shadow>('replay', 'charge.requested', '--shadow');
  expect(result.differences).toEqual([]);
  expect(status).toBe(0);
  expect(result).toMatchObject({
    wallets: 5,
    entries_given: 5,
    entries_not_in_topic: 0,
    messages: { in_flight: 0, unanswered: 0 },
  });
  expect(result.entries_redecided).toBeGreaterThan(5 * 50);
  expect(result.messages['rejected']).toBeGreaterThanOrEqual(5);
  expect(await readBooks()).toEqual(before);
  const schemas = await ledger.pool.query(
    "SELECT 1 FROM information_schema.schemata WHERE schema_name LIKE 'shadow%'",
  );
  expect(schemas.rowCount).toBe(0);
});

test('a shadow says which entries it could not cover', async () => {
  const range = ['--shadow', '--to', '10', '--wallet', organizations[0]!];
  const { status, result } = await orbitJson<Shadow>('replay', 'charge.requested', ...range);
  expect(status).toBe(0);
  expect(result.wallets).toBe(1);
  expect(result.entries_not_in_topic).toBeGreaterThan(0);
});

test('a shadow names the wallet and the first entry that is not what its message asked for', async () => {
  const [, victim = ''] = organizations;
  await ledger.pool.query('ALTER TABLE wallet_ledger.entry DISABLE TRIGGER USER');
  const { rows } = await ledger.pool.query<{ sequence: string; channel: string }>(
    `UPDATE wallet_ledger.entry e SET channel = 'fax' FROM wallet_ledger.wallet w
     WHERE e.wallet_no = w.wallet_no AND w.organization_id = $1 AND reference = 'charge:c_5' AND slice = 0 RETURNING e.sequence`,
    [victim],
  );
  const { status, result } = await orbitJson<Shadow>('replay', 'charge.requested', '--shadow');
  await ledger.pool.query(`UPDATE wallet_ledger.entry SET channel = 'sms' WHERE channel = 'fax'`);
  await ledger.pool.query('ALTER TABLE wallet_ledger.entry ENABLE TRIGGER USER');
  expect(status).toBe(1);
  expect(result.differences).toMatchObject([
    { organization_id: victim, entries: 2, blocks: 0, first_sequence: rows[0]?.sequence },
  ]);
});
