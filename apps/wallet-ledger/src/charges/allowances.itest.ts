// Goal: charges that services write to Kafka without an authorization use what a plan includes before the wallet, in
// part too, once, whatever is read again or dies in between; organizations without a plan are not asked for.
// Method: the use case over a real PostgreSQL, Redis replaced by what the books say.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ALLOWANCE_KEY } from '@orbit/allowances';
import type { ChargePosted } from '@orbit/events';
import { systemClock } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Currency, type Micros } from '@orbit/money';
import { createTestDatabase, seededRandom, uniqueId } from '@orbit/testing';
import pg from 'pg';
import type { ChargeCommand, LedgerCommand } from '../books/application/commands.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { PostCharges } from './application/post-charges.js';
import type { ClaimRequest, HotBalancesPort, LedgerEvent } from '../books/application/ports.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresAllowances } from './adapters/postgres-allowances.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { ReadWallet } from '../wallets/application/read-wallet.js';

const UNIT = 'messages' as unknown as Currency;
const SEED = Number(process.env['ORBIT_SEED'] ?? 2026);
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let reader: PostgresWalletReader;
let published: LedgerEvent[] = [];
let reads = 0;

const hotBalances: HotBalancesPort = {
  claim: (requests) => Promise.resolve(requests.map(grantInOrder)),
  confirm: () => Promise.resolve(),
};
function grantInOrder({ wallet, charges }: ClaimRequest) {
  let left = wallet.postedMicros + wallet.overdraftMicros;
  const granted = charges.filter(({ amountMicros }) => {
    if (amountMicros > left) return false;
    left = micros(left - amountMicros);
    return true;
  });
  return { granted: new Set(granted.map(({ chargeId }) => chargeId)), held: new Set<string>() };
}
const balance = async (organizationId: string, currency: Currency): Promise<Micros> =>
  (await reader.find({ organizationId, currency }))?.wallet.balanceMicros ?? ZERO_MICROS;
/** What Redis believes is left beyond the truth; somebody was quicker. */
let illusionMicros = 0n;
/** What Redis still shows of a period that is over, until the wallet is loaded again. */
let endedMicros = 0n;
/** False: the ledger has not heard of the organization's first plan yet. */
let isRefreshed = true;
const hot = {
  read: async (organizationId: string, currency: Currency) => {
    reads += 1;
    const posted = await balance(organizationId, currency);
    const isOver = endedMicros > 0n;
    return {
      availableMicros: micros(posted + illusionMicros + endedMicros),
      validUntilMs: isOver ? 1 : null,
    };
  },
};
const batch = (): PostBatch =>
  new PostBatch(
    new PostgresLedgerStore(pool),
    hotBalances,
    { publish: async (events) => void published.push(...events) },
    { send: () => Promise.resolve() },
    systemClock,
    LEDGER_RULES,
  );

/** `dieAt`: before this run of the batch, or right after it. */
async function post(
  commands: readonly ChargeCommand[],
  dieAt = Number.POSITIVE_INFINITY,
  isAfter = false,
): Promise<string[]> {
  const inner = batch();
  let runs = 0;
  const run = async (asked: readonly LedgerCommand[], claimId: string) => {
    const isLast = runs++ === dieAt;
    if (isLast && !isAfter) throw new Error('dead');
    const results = await inner.run(asked, claimId);
    if (isLast) throw new Error('dead');
    return results;
  };
  const allowances = new PostgresAllowances(
    pool,
    hot,
    async () => void (endedMicros = 0n),
    systemClock,
  );
  if (isRefreshed) await allowances.refresh();
  const results = await new PostCharges({ run }, allowances).run(commands, 'test');
  return results.map(({ status }) => status);
}

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 8 });
  reader = new PostgresWalletReader(pool);
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});
beforeEach(() => {
  published = [];
  illusionMicros = 0n;
  isRefreshed = true;
  endedMicros = 0n;
  reads = 0;
});

const credit = (
  organizationId: string,
  currency: Currency,
  amountMicros: Micros,
): LedgerCommand => ({
  kind: 'credit',
  key: { organizationId, currency },
  credit: {
    ...{ type: 'topup', reference: uniqueId('topup'), amountMicros, kind: 'paid', priority: 0 },
    ...{ effectiveAtMs: null, expiresAtMs: null, occurredAtMs: Date.now(), metadata: {} },
  },
});
async function open(messages: number | null, usd: number): Promise<string> {
  const org = uniqueId('org');
  const wallets: [Currency, number][] = [['USD', usd]];
  if (messages !== null) wallets.push([UNIT, messages * 1_000_000]);
  for (const [currency, amount] of wallets) {
    await reader.open({ organizationId: org, currency }, uniqueId('wal'), null);
    if (amount > 0) await batch().run([credit(org, currency, micros(BigInt(amount)))], 'test');
  }
  published = [];
  return org;
}
const charge = (
  organizationId: string,
  chargeId: string,
  quantity: number,
  more: Partial<ChargeCommand['charge']> = {},
  currency: Currency = 'USD',
): ChargeCommand => ({
  kind: 'charge',
  key: { organizationId, currency },
  replyTo: null,
  charge: {
    ...{ chargeId, amountMicros: micros(BigInt(quantity) * 10_000n), channel: 'sms', quantity },
    ...{ metadata: { campaign: 'spring' }, occurredAtMs: 1_700_000_000_000, leaseId: null },
    isAuthorized: false,
    ...more,
  },
});
/** [messages, micros of a dollar] */
const left = async (org: string): Promise<[number, number]> => [
  Number(await balance(org, UNIT)) / 1e6,
  Number(await balance(org, 'USD')),
];
/** What metering counts: each charge id once. */
function metered(): number {
  const posted = published.filter(({ topic }) => topic === 'charge.posted');
  const byId = new Map(posted.map(({ value }) => [(value as ChargePosted).charge_id, value]));
  return [...byId.values()].reduce<number>(
    (sum, value) => sum + (value as ChargePosted).quantity,
    0,
  );
}

test('an organization that never had a plan is charged as it was, and nothing is looked up', async () => {
  const org = await open(null, 100_000);
  expect(await post([charge(org, 'c1', 2), charge(org, 'c1', 2)])).toEqual(['booked', 'booked']);
  expect(await left(org)).toEqual([0, 80_000]);
  expect(reads).toBe(0);
});

test('the allowance pays first, then both, then the wallet; read again it is the same', async () => {
  const org = await open(5, 100_000);
  const charges = [
    ...[charge(org, 'whole', 3), charge(org, 'split', 6), charge(org, 'money', 1)],
    ...[charge(org, 'fax', 1, { channel: 'fax' }), charge(org, 'split', 6)],
  ];
  const booked = charges.map(() => 'booked');
  expect(await post(charges)).toEqual(booked);
  expect(await left(org)).toEqual([0, 40_000]);
  expect(metered()).toBe(11);
  const before = published.map(({ id }) => id).sort();
  published = [];
  expect(await post(charges)).toEqual(booked);
  expect(published.map(({ id }) => id).sort()).toEqual(before);
  // Also when the next period has come meanwhile.
  await batch().run([credit(org, UNIT, micros(50_000_000n))], 'test');
  expect(await post(charges)).toEqual(booked);
  expect(await left(org)).toEqual([50, 40_000]);
});

test('what neither covers is rejected whole, and stays so', async () => {
  const org = await open(2, 30_000);
  expect(await post([charge(org, 'c1', 6)])).toEqual(['rejected']);
  expect(await left(org)).toEqual([2, 30_000]);
  await batch().run([credit(org, UNIT, micros(50_000_000n))], 'test');
  expect(await post([charge(org, 'c1', 6)])).toEqual(['rejected']);
  const reasons = published
    .filter(({ topic }) => topic === 'charge.rejected')
    .map(({ value }) => (value as { reason: string }).reason);
  expect(reasons).toEqual(['insufficient_funds', 'insufficient_funds']);
  expect(await left(org)).toEqual([52, 30_000]);
});

test('an allowance that somebody else took meanwhile falls on the wallet', async () => {
  const org = await open(1, 100_000);
  illusionMicros = 2_000_000n;
  expect(await post([charge(org, 'c1', 3)])).toEqual(['booked']);
  expect(await left(org)).toEqual([1, 70_000]);
});

test('an authorized split charge is booked whole in one transaction, each part in its wallet', async () => {
  const org = await open(5, 100_000);
  const price = { price_amount: '0.06', price_currency: 'USD' };
  const metadata = { [ALLOWANCE_KEY]: 'messages:4', ...price };
  const split = charge(org, 'c1', 2, { isAuthorized: true, metadata });
  for (const [dieAt, isKnown] of [
    [0, false],
    [0, true],
    [9, false],
  ] as const) {
    isRefreshed = isKnown;
    await post([split], dieAt, true).catch(() => null);
  }
  expect(await left(org)).toEqual([1, 80_000]);
  expect(metered()).toBe(6);
  const worth = published.find(({ value }) => (value as ChargePosted).charge_id === 'c1~plan');
  expect((worth?.value as ChargePosted).metadata).toEqual({ ...price, price_amount: '0.04' });
});

test('period rollover: what lapsed pays nothing, and what was held before posts from what came after', async () => {
  const org = await open(1, 100_000);
  endedMicros = 4_000_000n;
  expect(await post([charge(org, 'c1', 3)])).toEqual(['booked']);
  expect(await left(org)).toEqual([0, 80_000]);
  await batch().run([credit(org, UNIT, micros(50_000_000n))], 'test');
  const held = charge(org, 'c2', 2, { isAuthorized: true, amountMicros: micros(2_000_000n) }, UNIT);
  expect(await post([held])).toEqual(['booked']);
  expect(await left(org)).toEqual([48, 80_000]);
});

const PRICED = { price_amount: '0.02', price_currency: 'USD' };
const authorizedUnits = (org: string, id: string, quantity: number, metadata = {}) =>
  charge(
    ...([org, id, quantity] as const),
    { isAuthorized: true, amountMicros: micros(BigInt(quantity) * 1_000_000n), metadata },
    UNIT,
  );
const told = (topic: string) =>
  published.filter((event) => event.topic === topic).map(({ value }) => value);

test('an allowance is never owed: authorized units that it does not have are charged in money, once', async () => {
  const org = await open(1, 100_000);
  const held = authorizedUnits(org, 'c1', 2, PRICED);
  for (const [dieAt, isAfter] of [
    [0, true],
    [1, false],
    [1, true],
    [9, false],
    [9, false],
  ] as const) {
    await post([held], dieAt, isAfter).catch(() => null);
  }
  expect(await left(org)).toEqual([1, 80_000]);
  expect(told('charge.rejected')).toEqual([]);
  expect(told('charge.posted')).toContainEqual(
    expect.objectContaining({ charge_id: 'c1', amount: '0.02', currency: 'USD', metadata: {} }),
  );
});

test('an allowance is never owed: where money does not cover the units either, or no price is known, nothing is taken', async () => {
  const org = await open(1, 10_000);
  expect(await post([authorizedUnits(org, 'c1', 2, PRICED)])).toEqual(['rejected']);
  expect(told('charge.rejected')).toEqual([
    expect.objectContaining({ charge_id: 'c1', currency: 'USD', reason: 'insufficient_funds' }),
  ]);
  expect(await post([authorizedUnits(org, 'c2', 2)])).toEqual(['rejected']);
  expect(await left(org)).toEqual([1, 10_000]);
});

test('an allowance is never owed: the part of a split charge that it does not have is charged in money beside the rest', async () => {
  const org = await open(3, 100_000);
  const price = { price_amount: '0.06', price_currency: 'USD' };
  const metadata = { [ALLOWANCE_KEY]: 'messages:4', ...price };
  const split = charge(org, 'c1', 2, { isAuthorized: true, metadata });
  for (let copies = 0; copies < 3; copies++) expect(await post([split])).toEqual(['booked']);
  expect(await left(org)).toEqual([3, 40_000]);
  expect(metered()).toBe(6);
});

test('the key of a part means nothing in a charge without authorization', async () => {
  const org = await open(5, 100_000);
  const metadata = { [ALLOWANCE_KEY]: 'messages:400' };
  expect(await post([charge(org, 'c1', 1, { metadata, channel: 'sms' })])).toEqual(['booked']);
  expect(await left(org)).toEqual([4, 100_000]);
});

test.each([
  ['of a channel that no plan includes', { channel: 'fax' }],
  ['of a lease', { leaseId: 'lease_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }],
])('the key of a part means nothing in a charge %s', async (_what, more) => {
  for (const isKnown of [true, false]) {
    isRefreshed = isKnown;
    const org = await open(5, 100_000);
    const metadata = { [ALLOWANCE_KEY]: 'messages:400' };
    expect(await post([charge(org, 'c1', 1, { metadata, ...more })])).toEqual(['booked']);
    expect(await left(org)).toEqual([5, 90_000]);
  }
});

test('a charge id that is known in another wallet of the organization is not charged again', async () => {
  const org = await open(5, 100_000);
  await post([charge(org, 'c1', 2)]);
  // A day later Redis has forgotten it, and the plan has ended: the gateway took it from the wallet.
  expect(await post([charge(org, 'c1', 2, { isAuthorized: true })])).toEqual(['booked']);
  expect(await left(org)).toEqual([3, 100_000]);
  await post([charge(org, 'c2', 9)]);
  expect(await left(org)).toEqual([0, 40_000]);
  await batch().run([credit(org, UNIT, micros(50_000_000n))], 'test');
  const units = { isAuthorized: true, amountMicros: micros(9_000_000n) };
  await post([charge(org, 'c2', 9, units, UNIT)]);
  expect(await left(org)).toEqual([50, 40_000]);
});

test('22: a split charge of which units alone were captured is not charged again under its id', async () => {
  const org = await open(5, 100_000);
  // 6 at 0.06, of which the plan covers 5; 3 of them were captured: `c1~plan` alone is booked, and Redis forgot.
  await post([authorizedUnits(org, 'c1~plan', 3, { price_amount: '0.05', price_currency: 'USD' })]);
  expect(await left(org)).toEqual([2, 100_000]);
  const split = { [ALLOWANCE_KEY]: 'messages:2', price_amount: '0.06', price_currency: 'USD' };
  for (const again of [
    charge(org, 'c1', 6),
    charge(org, 'c1', 6, { isAuthorized: true }),
    charge(org, 'c1', 4, { isAuthorized: true, metadata: split }),
    charge(org, 'c1', 2, { isAuthorized: true, amountMicros: micros(2_000_000n) }, UNIT),
  ]) {
    expect(await post([again])).toEqual(['rejected']);
    expect(await left(org)).toEqual([2, 100_000]);
  }
  expect(told('charge.rejected')).toContainEqual(
    expect.objectContaining({ charge_id: 'c1', reason: 'charge_id_conflict' }),
  );
  const outcome = await new ReadWallet(reader, systemClock).readCharge(org, 'c1');
  expect(outcome).toMatchObject({
    ...{ charge_id: 'c1', status: 'posted', amount: '3', currency: UNIT },
    booked: { is_plan_part: true, channel: 'sms', metadata: { price_amount: '0.05' } },
  });
});

test('22: the books say what was held of a charge that was captured in part', async () => {
  const org = await open(null, 100_000);
  const amountMicros = micros(40_000n);
  const part = { isAuthorized: true, amountMicros, heldMicros: micros(100_000n) };
  await post([charge(org, 'c1', 1, part), charge(org, 'c2', 1)]);
  const read = new ReadWallet(reader, systemClock);
  expect(await read.readCharge(org, 'c1')).toMatchObject({
    ...{ amount: '0.04', booked: { authorized: '0.10', is_plan_part: false } },
  });
  expect(await read.readCharge(org, 'c2')).toMatchObject({
    ...{ amount: '0.01', booked: { authorized: '0.01', is_plan_part: false } },
  });
});

test('T28 dead before or after any step of a batch, read again it is booked once', async () => {
  for (let dieAt = 0; dieAt < 4; dieAt++) {
    for (const isAfter of [false, true]) {
      const org = await open(5, 100_000);
      const charges = [charge(org, 'whole', 3), charge(org, 'split', 6), charge(org, 'money', 1)];
      await post(charges, dieAt, isAfter).catch(() => null);
      await post(charges);
      await post(charges);
      expect(await left(org)).toEqual([0, 50_000]);
      expect(metered()).toBe(10);
    }
  }
});

test(`T30 random charges, repeats and deaths: units and money are those of the charges booked (ORBIT_SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  const pick = (max: number): number => random.integer(0, max - 1);
  const org = await open(200, 1_000_000);
  const accepted = new Map<string, number>();
  for (let round = 0; round < 60; round++) {
    const size = 1 + pick(6);
    const charges = Array.from({ length: size }, () => {
      const n = pick(150);
      return charge(org, `r${n}`, 1 + (n % 7));
    });
    await post(charges, pick(5), pick(2) === 0).catch(() => null);
    const statuses = await post(charges);
    charges.forEach(({ charge: { chargeId, quantity } }, index) => {
      if (statuses[index] === 'booked') accepted.set(chargeId, quantity);
    });
  }
  const sent = [...accepted.values()].reduce((sum, quantity) => sum + quantity, 0);
  const [units, money] = await left(org);
  expect(200 - units + (1_000_000 - money) / 10_000).toBe(sent);
  expect(metered()).toBe(sent);
  expect(units).toBe(0);
});
