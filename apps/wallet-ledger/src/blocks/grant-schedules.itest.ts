// Goal: grants repeat on a real PostgreSQL: once per period, whoever runs them and whatever dies meanwhile.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { micros, parseAmount, type Micros } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ChangeWallet } from '../books/application/change-wallet.js';
import { GrantSchedules } from './application/grant-schedules.js';
import type { ScheduleRequest } from './domain/schedule-terms.js';
import type {
  HotBalancesPort,
  HotLoads,
  LedgerEvents,
  WalletKey,
} from '../books/application/ports.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { ReadWallet } from '../wallets/application/read-wallet.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresScheduleStore } from './adapters/postgres-schedule-store.js';
import { PostgresAccountWallets } from '../books/adapters/postgres-account-wallets.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';

const DAY_MS = 86_400_000;
const START_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS;
let nowMs = START_MS;
const clock = { nowMs: () => nowMs };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
const faults: string[] = [];
const hotBalances: HotBalancesPort & HotLoads = {
  permit: () => Promise.resolve(null),
  load: () => Promise.resolve(false),
  claim: (requests) =>
    Promise.resolve(requests.map(() => ({ granted: new Set<string>(), held: new Set<string>() }))),
  confirm: () => Promise.resolve(),
};
const silent: LedgerEvents = { publish: () => Promise.resolve() };

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 8 });
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});
beforeEach(() => {
  nowMs = START_MS;
  faults.length = 0;
});

const usd = (text: string): Micros => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};
const change = (events = silent): ChangeWallet => {
  const replies = { send: () => Promise.resolve() };
  const store = new PostgresLedgerStore(pool);
  const post = new PostBatch(store, hotBalances, events, replies, clock, LEDGER_RULES);
  return new ChangeWallet(post, new PostgresWalletReader(pool), hotBalances, clock);
};
const schedules = (wallet = change()): GrantSchedules =>
  new GrantSchedules(
    wallet,
    new PostgresScheduleStore(pool),
    clock,
    new PostgresAccountWallets(pool, () => clock.nowMs()),
    (_id, error) => faults.push(String(error)),
  );
const daily = (reference: string, changes: Partial<ScheduleRequest> = {}): ScheduleRequest => ({
  reference,
  kind: 'promotional',
  priority: 0,
  costBasisMicros: 0n,
  amountMicros: usd('10'),
  cadence: 'day',
  anchorAtMs: START_MS,
  timeZone: 'UTC',
  expiresWithPeriod: true,
  rolloverCapMicros: micros(0n),
  rolloverPeriodsMax: 0,
  endsAtMs: null,
  ...changes,
});
const newKey = (): WalletKey => ({ organizationId: uniqueId('org'), currency: 'USD' });
const history = async ({ organizationId }: WalletKey): Promise<string[]> => {
  const reader = new ReadWallet(new PostgresWalletReader(pool), clock);
  const query = { organization_id: organizationId, currency: 'USD', limit: 100 };
  const { transactions } = await reader.listTransactions(query);
  return transactions.map(({ type, amount }) => `${type} ${amount}`).reverse();
};
const balance = async (key: WalletKey): Promise<string | undefined> =>
  (await new ReadWallet(new PostgresWalletReader(pool), clock).read(key))?.balance;

test('a schedule grants the running period at once and each further one when it begins', async () => {
  const key = newKey();
  const created = await schedules().create(key, daily('welcome'));
  expect(created).toMatchObject({ state: 'active', next_at: new Date(START_MS).toISOString() });
  expect(await schedules().runDue()).toBeGreaterThanOrEqual(1);
  await schedules().runDue();
  expect(await history(key)).toEqual(['grant 10.00']);
  nowMs += DAY_MS - 1;
  await schedules().runDue();
  expect(await history(key)).toEqual(['grant 10.00']);
  nowMs += 1;
  await schedules().runDue();
  await change().sweepExpired(100);
  expect(await history(key)).toEqual(['grant 10.00', 'grant 10.00', 'expiry -10.00']);
  expect(await balance(key)).toBe('10.00');
});

test('creating twice is creating once; the same reference for other terms is a conflict', async () => {
  const key = newKey();
  const first = await schedules().create(key, daily('once', { anchorAtMs: null }));
  nowMs += 1_000;
  expect(await schedules().create(key, daily('once', { anchorAtMs: null }))).toEqual(first);
  const other = daily('once', { amountMicros: usd('11') });
  await expect(schedules().create(key, other)).rejects.toMatchObject({
    code: 'idempotency_key_conflict',
  });
  expect(await schedules().list(key.organizationId)).toEqual([first]);
});

test('after downtime the missed periods come in their order, and what rolls over is the same as in time', async () => {
  const key = newKey();
  const rolling = { rolloverCapMicros: usd('4'), rolloverPeriodsMax: 2 };
  await schedules().create(key, daily('rolling', rolling));
  await schedules().runDue();
  nowMs += 3 * DAY_MS;
  await change().sweepExpired(100);
  await schedules().runDue();
  await change().sweepExpired(100);
  expect(await balance(key)).toBe('14.00');
  expect((await history(key)).filter((line) => line.startsWith('grant'))).toHaveLength(4);
});

test('two instances grant every period once; one that dies before it kept how far it came changes nothing', async () => {
  const keys = Array.from({ length: 12 }, newKey);
  for (const key of keys) await schedules().create(key, daily('raced'));
  await Promise.all([schedules().runDue(), schedules().runDue(), schedules().runDue()]);
  nowMs += DAY_MS;
  const dying = change({ publish: () => Promise.reject(new Error('killed')) });
  // Crossings of the balance are published after the commit: the first grant of a wallet crosses none.
  await Promise.all([schedules(dying).runDue(), schedules().runDue()]);
  await pool.query(
    `UPDATE wallet_ledger.grant_schedule SET next_period = 0, next_at = $1 WHERE reference = 'raced'`,
    [new Date(START_MS)],
  );
  await schedules().runDue();
  await change().sweepExpired(100);
  for (const key of keys) {
    expect((await history(key)).sort()).toEqual(['expiry -10.00', 'grant 10.00', 'grant 10.00']);
  }
});

test('a schedule ends where it was told to; a cancelled one grants no more, and what it granted stays', async () => {
  const key = newKey();
  await schedules().create(key, daily('short', { endsAtMs: START_MS + DAY_MS }));
  const { id } = await schedules().create(key, daily('long', { amountMicros: usd('3') }));
  await schedules().runDue();
  expect(await balance(key)).toBe('13.00');
  const cancelled = await schedules().cancel(key.organizationId, id);
  expect(cancelled).toMatchObject({ state: 'cancelled', next_at: null });
  expect(await schedules().cancel(key.organizationId, id)).toEqual(cancelled);
  await expect(schedules().cancel('org_other', id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await balance(key)).toBe('13.00');
  nowMs += 2 * DAY_MS;
  await schedules().runDue();
  expect((await history(key)).sort()).toEqual(['grant 10.00', 'grant 3.00']);
  const states = (await schedules().list(key.organizationId)).map(({ state }) => state);
  expect(states.sort()).toEqual(['cancelled', 'ended']);
});

test('of periods before the creation only the running one is granted', async () => {
  const key = newKey();
  await schedules().create(key, daily('moved', { anchorAtMs: START_MS - 100 * DAY_MS }));
  await schedules().runDue();
  expect(await history(key)).toEqual(['grant 10.00']);
});

test('a schedule whose wallet is full is told and does not stop the others', async () => {
  const [full, other] = [newKey(), newKey()];
  const all = usd('9007199254.740992');
  await schedules().create(full, daily('full', { amountMicros: all }));
  await schedules().runDue();
  await schedules().create(full, daily('more'));
  await schedules().create(other, daily('other'));
  await schedules().runDue();
  expect(new Set(faults)).toEqual(
    new Set(['OrbitError: The balance would pass what a wallet can hold.']),
  );
  expect(await history(other)).toEqual(['grant 10.00']);
});
