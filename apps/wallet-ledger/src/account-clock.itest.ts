// Goal: the books of a test account live in its time, whatever the real time is; one jump of a year books what 365
// jumps of a day book. Method: the ledger's part of the clock over a real PostgreSQL, driven as invoicing drives it.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { DUE_STEPS } from '@orbit/contracts';
import { micros } from '@orbit/money';
import { createTestDatabase, uniqueId, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { GrantSchedules } from './blocks/application/grant-schedules.js';
import { PostgresScheduleStore } from './blocks/adapters/postgres-schedule-store.js';
import { auditLedger } from './books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from './books/adapters/postgres-ledger-store.js';
import { ChangeWallet } from './books/application/change-wallet.js';
import type { ChargeCommand } from './books/application/commands.js';
import type {
  HotBalancesPort,
  HotLoads,
  HotWalletState,
  WalletKey,
} from './books/application/ports.js';
import { PostBatch } from './books/application/post-batch.js';
import { openLease } from './leases/domain/lease.js';
import { LedgerClock } from './ledger-clock.js';
import { LEDGER_RULES } from './ledger-rules.js';
import { PostgresWalletReader } from './wallets/adapters/postgres-wallet-reader.js';

const DAY_MS = 86_400_000;
const REAL = Date.parse('2026-11-30T12:00:00.000Z');
const START = Date.parse('2020-01-31T00:00:00.000Z');
const YEAR_LATER = Date.parse('2021-01-30T00:00:00.000Z');
const clock = { nowMs: () => REAL };

let database: TestDatabase;
let pool: pg.Pool;
let ledgerClock: LedgerClock;
let post: PostBatch;
let changeWallet: ChangeWallet;
let schedules: GrantSchedules;
const loaded: HotWalletState[] = [];
const settled: HotWalletState[] = [];
const hot: HotBalancesPort & HotLoads = {
  permit: async () => ({ epoch: 'e', nonce: 'n' }),
  load: async (state) => loaded.push(state) > 0,
  claim: async (requests) =>
    requests.map(({ charges }) => ({
      granted: new Set(charges.map(({ chargeId }) => chargeId)),
      held: new Set<string>(),
    })),
  confirm: async (settlements) => void settled.push(...settlements.map(({ wallet }) => wallet)),
};

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 6 });
  const silent = { publish: async () => undefined };
  const replies = { send: async () => undefined };
  post = new PostBatch(new PostgresLedgerStore(pool), hot, silent, replies, clock, LEDGER_RULES);
  changeWallet = new ChangeWallet(post, new PostgresWalletReader(pool), hot, clock);
  ledgerClock = new LedgerClock(pool, clock);
  const store = new PostgresScheduleStore(pool);
  schedules = new GrantSchedules(changeWallet, store, clock, ledgerClock.wallets, (_, error) => {
    throw error;
  });
  ledgerClock.drive(changeWallet, schedules);
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});
beforeEach(() => {
  loaded.length = 0;
  settled.length = 0;
});

const move = (account: string, toMs: number): Promise<void> =>
  ledgerClock.due.move(account, toMs, () => ledgerClock.accountClock.moveTo(account, toMs, null));

/** What the driver in invoicing does, for this service alone. */
async function jump(account: string, toMs: number): Promise<void> {
  for (;;) {
    const atMs = await ledgerClock.due.nextDue(account, toMs);
    if (atMs === null) return move(account, toMs);
    await move(account, atMs);
    for (const step of DUE_STEPS) await ledgerClock.due.runDue(account, atMs, step);
  }
}

async function makeWallet(standsAtMs: number | null): Promise<{ account: string; key: WalletKey }> {
  const account = uniqueId('acct');
  const key = { organizationId: uniqueId('org'), currency: 'USD' as const };
  if (standsAtMs !== null) await move(account, standsAtMs);
  await changeWallet.open(key, null, account);
  return { account, key };
}
const charge = (key: WalletKey, chargeId: string, occurredAtMs = REAL): ChargeCommand => ({
  kind: 'charge',
  key,
  charge: {
    ...{ chargeId, amountMicros: micros(1_000_000n), channel: 'sms', quantity: 1, metadata: {} },
    ...{ occurredAtMs, isAuthorized: false, leaseId: null },
  },
  replyTo: null,
});
const grant = (key: WalletKey, expiresAtMs: number | null, effectiveAtMs: number | null = null) =>
  post.run(
    [
      {
        kind: 'credit',
        key,
        credit: {
          ...{ type: 'grant', reference: uniqueId('grant'), amountMicros: micros(5_000_000n) },
          ...{ kind: 'promotional', priority: 0, effectiveAtMs, expiresAtMs },
          ...{ occurredAtMs: REAL, metadata: {} },
        },
      },
    ],
    'test',
  );
async function entriesOf({ organizationId }: WalletKey) {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT e.type, e.from_account, e.to_account, e.amount_micros, e.balance_after_micros, e.block_sequence,
       e.occurred_at, e.booked_at FROM wallet_ledger.entry e JOIN wallet_ledger.wallet w USING (wallet_no)
     WHERE w.organization_id = $1 ORDER BY e.sequence`,
    [organizationId],
  );
  return rows;
}
const monthly = (key: WalletKey) =>
  schedules.create(key, {
    ...{
      reference: 'monthly',
      amountMicros: micros(30_000_000n),
      kind: 'promotional',
      priority: 0,
    },
    ...{ costBasisMicros: 0n, cadence: 'month', anchorAtMs: null, timeZone: 'UTC', endsAtMs: null },
    ...{ expiresWithPeriod: true, rolloverCapMicros: micros(3_000_000n), rolloverPeriodsMax: 1 },
  });

test('one jump of a year equals 365 jumps of a day: grants, what rolls over and what lapses, at their instants', async () => {
  const [once, daily] = [await makeWallet(START), await makeWallet(START)];
  for (const { key } of [once, daily]) {
    await monthly(key);
    await grant(key, START + 100 * DAY_MS + 3_600_000);
  }
  await jump(once.account, YEAR_LATER);
  for (let day = 1; day <= 365; day++) await jump(daily.account, START + day * DAY_MS);
  const entries = await entriesOf(once.key);
  expect(await entriesOf(daily.key)).toEqual(entries);
  const lapsed = entries.filter(({ type }) => type === 4);
  expect(lapsed.length).toBeGreaterThanOrEqual(12);
  expect(entries.filter(({ type }) => type === 2)).toEqual([]);
  const grants = entries.filter(
    ({ type, amount_micros }) => type === 3 && amount_micros === '30000000',
  );
  expect(grants.map(({ booked_at }) => (booked_at as Date).toISOString().slice(0, 10))).toEqual([
    ...['2020-01-31', '2020-02-29', '2020-03-31', '2020-04-30', '2020-05-31', '2020-06-30'],
    ...['2020-07-31', '2020-08-31', '2020-09-30', '2020-10-31', '2020-11-30', '2020-12-31'],
  ]);
  for (const { booked_at } of entries)
    expect((booked_at as Date).getTime()).toBeLessThan(YEAR_LATER);
});

test('loops of real time leave an account whose clock stands alone', async () => {
  const { key } = await makeWallet(START);
  await grant(key, START + DAY_MS);
  await monthly(key);
  const before = await entriesOf(key);
  await changeWallet.sweepExpired(500);
  await schedules.runDue();
  expect(await entriesOf(key)).toEqual(before);
});

test('what lapses, begins and is charged goes by the account’s clock; Redis is told that nothing changes by itself', async () => {
  const { account, key } = await makeWallet(START);
  await grant(key, START + DAY_MS);
  await grant(key, null, START + 2 * DAY_MS);
  expect(await changeWallet.load(key)).toMatchObject({ balance: '5.00' });
  const [posted] = await post.run([charge(key, 'c1')], 'test');
  expect(posted).toMatchObject({
    status: 'booked',
    entries: [{ occurredAtMs: START, bookedAtMs: START }],
  });
  expect(settled.at(-1)).toMatchObject({ postedMicros: 4_000_000n, validUntilMs: null });
  // It was used two days ago, as its caller says.
  const [earlier] = await post.run([charge(key, 'c2', START - 2 * DAY_MS)], 'test');
  expect(earlier).toMatchObject({
    entries: [{ occurredAtMs: START - 2 * DAY_MS, bookedAtMs: START }],
  });
  await jump(account, START + DAY_MS);
  expect(loaded.at(-1)).toMatchObject({ postedMicros: 0n });
  expect(await post.run([charge(key, 'c3')], 'test')).toMatchObject([{ status: 'rejected' }]);
  await jump(account, START + 2 * DAY_MS);
  expect(loaded.at(-1)).toMatchObject({ postedMicros: 5_000_000n, validUntilMs: null });
  expect(await post.run([charge(key, 'c4')], 'test')).toMatchObject([
    { status: 'booked', entries: [{ bookedAtMs: START + 2 * DAY_MS }] },
  ]);
});

test('a wallet that was in memory when its clock was first set is read again before it is written', async () => {
  const { account, key } = await makeWallet(null);
  await grant(key, REAL + DAY_MS);
  for (let i = 0; i < 25; i++) await post.run([charge(key, `w${i % 2}`)], 'test');
  expect(settled.at(-1)).toMatchObject({ validUntilMs: REAL + DAY_MS });
  await move(account, REAL + 2 * DAY_MS);
  expect(loaded.at(-1)).toMatchObject({ postedMicros: 0n, validUntilMs: null });
  expect(await post.run([charge(key, 'after')], 'test')).toMatchObject([{ status: 'rejected' }]);
});

test('a lease of an account whose clock stands lives and ends on real time', async () => {
  const { key } = await makeWallet(START);
  await grant(key, null);
  const [opened] = await post.run(
    [
      {
        kind: 'change',
        key,
        reference: null,
        reads: { escrows: ['lease:k'], grants: ['lease:k'] },
        claims: () => micros(1_000_000n),
        apply: (draft, context) => {
          const outcome = openLease(
            draft,
            {
              ...{ leaseId: 'lease_1', reference: 'lease:k', amountMicros: micros(1_000_000n) },
              ...{ ttlMs: 60_000, holder: null },
            },
            context,
          );
          expect(outcome).toMatchObject({
            lease: { openedAtMs: REAL, expiresAtMs: REAL + 60_000 },
          });
          return outcome;
        },
      },
    ],
    'test',
  );
  expect(opened).toMatchObject({ status: 'booked' });
});
