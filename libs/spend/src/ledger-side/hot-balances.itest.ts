import { micros, type Currency } from '@orbit/money';
import { eventually, testInfra, uniqueId } from '@orbit/testing';
import { readHoldSums } from './hold-sums.js';
import { SpendFixture, intentOf, usd, walletOf } from '../client/spend-fixture.js';
import type { ClaimOutcome, HotWallet } from '../types.js';

let fixture: SpendFixture;
let org: string;

beforeAll(async () => {
  fixture = new SpendFixture(testInfra().redisUrl);
  await fixture.ready();
});
beforeEach(() => {
  org = uniqueId('org');
});
afterAll(() => fixture.close());

async function claim(
  wallet: HotWallet,
  amounts: readonly bigint[],
  { claimId = 'p0', ttlMs = 60_000, from = 0 } = {},
): Promise<readonly ClaimOutcome[]> {
  const charges = amounts.map((units, n) => ({
    chargeId: `k${from + n}`,
    amountMicros: usd(units),
  }));
  const [result] = await fixture.hot.claim([{ wallet, claimId, ttlMs, charges }]);
  return result?.outcomes ?? [];
}

test('set: an older version never overwrites; an equal one and a newer one do', async () => {
  await fixture.open(org, 10n, { version: 5n });
  await fixture.open(org, 99n, { version: 4n, pausedReason: 'manual' });
  expect(await fixture.hot.read(org, 'USD')).toMatchObject({
    postedMicros: usd(10n),
    pausedReason: null,
  });
  await fixture.open(org, 10n, { version: 5n, pausedReason: 'dispute' });
  expect(await fixture.hot.read(org, 'USD')).toMatchObject({
    version: 5n,
    pausedReason: 'dispute',
  });
  await fixture.open(org, 7n, {
    version: 6n,
    overdraftMicros: usd(1n),
    validUntilMs: 9_999_999_999_999,
  });
  expect(await fixture.hot.read(org, 'USD')).toEqual({
    ...walletOf(org, 7n, {
      version: 6n,
      overdraftMicros: usd(1n),
      validUntilMs: 9_999_999_999_999,
    }),
    heldMicros: 0n,
    availableMicros: usd(8n),
  });
  expect(await fixture.hot.read(uniqueId('org'), 'USD')).toBeNull();
});

test('set: a balance that Redis cannot hold exactly is refused', async () => {
  await expect(fixture.open(org, 1n, { overdraftMicros: micros(2n ** 53n) })).rejects.toThrow(
    'exact',
  );
});

test('settle: late news of an older version frees its holds and leaves the newer balance', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  await client.charge(intentOf(org, 'a', usd(1n)));
  await client.charge(intentOf(org, 'b', usd(2n)));
  const settled = (id: string, units: bigint) => [
    { chargeId: id, amountMicros: usd(units), outcome: 'posted' as const },
  ];
  await fixture.hot.confirm([
    { wallet: walletOf(org, 7n, { version: 3n }), charges: settled('b', 2n), claimId: null },
    { wallet: walletOf(org, 9n, { version: 2n }), charges: settled('a', 1n), claimId: null },
  ]);
  expect(await fixture.balance(org)).toEqual([usd(7n), 0n, usd(7n)]);
});

test('settle: 1,200 charges of one wallet free every hold once, however often they are settled', async () => {
  await fixture.open(org, 2_000n);
  const client = fixture.client();
  const ids = Array.from({ length: 1_200 }, (_, n) => `c${n}`);
  await Promise.all(ids.map((id) => client.charge(intentOf(org, id, usd(1n)))));
  const settlement = {
    wallet: walletOf(org, 800n, { version: 2n }),
    charges: ids.map((chargeId) => ({
      chargeId,
      amountMicros: usd(1n),
      outcome: 'posted' as const,
    })),
    claimId: null,
  };
  await Promise.all([fixture.hot.confirm([settlement]), fixture.hot.confirm([settlement])]);
  expect(await fixture.balance(org)).toEqual([usd(800n), 0n, usd(800n)]);
});

test('settle: a rejected charge of another amount leaves the hold of the one that has the id', async () => {
  const wallet = await fixture.open(org, 10n);
  const client = fixture.client();
  await client.charge(intentOf(org, 'a', usd(3n)));
  const rejected = (units: bigint) => [
    {
      wallet,
      charges: [{ chargeId: 'a', amountMicros: usd(units), outcome: 'rejected' as const }],
      claimId: null,
    },
  ];
  await fixture.hot.confirm(rejected(4n));
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(3n), usd(7n)]);
  await fixture.hot.confirm(rejected(3n));
  expect(await fixture.balance(org)).toEqual([usd(10n), 0n, usd(10n)]);
});

test('settle: a charge that came over Kafka under the id of an open hold takes that hold with it', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const hold = await client.authorize(intentOf(org, 'a', usd(3n)));
  if (hold.status !== 'authorized') throw new Error('refused');
  await fixture.hot.confirm([
    {
      wallet: walletOf(org, 8n, { version: 2n }),
      charges: [{ chargeId: 'a', amountMicros: usd(2n), outcome: 'posted' }],
      claimId: null,
    },
  ]);
  expect(await fixture.balance(org)).toEqual([usd(8n), 0n, usd(8n)]);
  expect(await client.release(org, hold.authorizationId)).toEqual({ status: 'captured' });
  expect(await client.capture(org, hold.authorizationId)).toEqual({ status: 'conflict' });
  expect(await client.capture(org, hold.authorizationId, usd(2n))).toMatchObject({
    status: 'captured',
  });
});

test('claim: grants in order what fits beside the holds, and settling gives the reservation back', async () => {
  const wallet = await fixture.open(org, 10n);
  await fixture.client().authorize(intentOf(org, 'hold', usd(4n)));
  expect(await claim(wallet, [3n, 5n, 3n, 1n])).toEqual([
    'granted',
    'refused',
    'granted',
    'refused',
  ]);
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(10n), 0n]);
  const charges = [0, 2].map((n) => ({
    chargeId: `k${n}`,
    amountMicros: usd(3n),
    outcome: 'posted' as const,
  }));
  await fixture.hot.confirm([
    { wallet: walletOf(org, 4n, { version: 2n }), charges, claimId: 'p0' },
    { wallet: walletOf(org, 4n, { version: 2n }), charges, claimId: 'p0' },
  ]);
  expect(await fixture.balance(org)).toEqual([usd(4n), usd(4n), 0n]);
});

test('claim: the same batch read again reserves once; two readers reserve side by side', async () => {
  const wallet = await fixture.open(org, 10n);
  for (let n = 0; n < 3; n++) expect(await claim(wallet, [6n])).toEqual(['granted']);
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(6n), usd(4n)]);
  expect(await claim(wallet, [5n, 4n], { claimId: 'p1', from: 10 })).toEqual([
    'refused',
    'granted',
  ]);
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(10n), 0n]);
});

test('claim: when a reservation that nobody settled lapses, nobody is authorized before the ledger has said what became of it', async () => {
  const wallet = await fixture.open(org, 10n);
  await claim(wallet, [10n], { ttlMs: 30 });
  await eventually(async () => expect(await fixture.hot.read(org, 'USD')).toBeNull());
  const client = fixture.client();
  const stuck = await client.authorize(intentOf(org, 'a', usd(1n)));
  expect(stuck).toMatchObject({ status: 'refused', reason: 'unknown_wallet' });
  // Neither an older batch nor a newer one knows of every commit before it: only what is read from the books does.
  const newer = walletOf(org, 9n, { version: 2n });
  await claim(newer, [2n], { claimId: 'p1' });
  await fixture.hot.confirm([{ wallet: newer, charges: [], claimId: 'p1' }]);
  expect(await fixture.hot.read(org, 'USD')).toBeNull();
  fixture.ledger.set(org, newer);
  const after = await client.authorize(intentOf(org, 'b', usd(9n)));
  expect(after.status).toBe('authorized');
  expect(await fixture.balance(org)).toEqual([usd(9n), usd(9n), 0n]);
});

test('claim: one that lapsed before the load leaves the loaded wallet open', async () => {
  const wallet = await fixture.open(org, 10n);
  await claim(wallet, [4n], { ttlMs: 1 });
  await new Promise((done) => setTimeout(done, 20));
  await fixture.open(org, 6n, { version: 2n });
  expect(await fixture.balance(org)).toEqual([usd(6n), 0n, usd(6n)]);
});

test('claim: read again after it lapsed, a batch is granted what the ledger has', async () => {
  const wallet = await fixture.open(org, 10n);
  await claim(wallet, [4n], { ttlMs: 1 });
  await eventually(async () => expect(await fixture.hot.read(org, 'USD')).toBeNull());
  expect(await claim(wallet, [4n, 7n])).toEqual(['granted', 'refused']);
});

test('claim: a charge that its own hold covers needs no room, and the hold cannot lapse any more', async () => {
  const wallet = await fixture.open(org, 10n);
  const client = fixture.client();
  // It must stand until the claim has come, however busy the machine is.
  const hold = await client.authorize({ ...intentOf(org, 'k0', usd(8n)), ttlMs: 5_000 });
  if (hold.status !== 'authorized') throw new Error('refused');
  await client.charge(intentOf(org, 'k1', usd(2n)));
  expect(await claim(wallet, [5n, 2n, 4n, 3n])).toEqual([
    'authorized',
    'authorized',
    'refused',
    'granted',
  ]);
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(10n), 0n]);
  await new Promise((done) => setTimeout(done, hold.expiresAtMs + 50 - Date.now()));
  await fixture.hot.confirm([{ wallet, charges: [], claimId: 'p0' }]);
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(7n), usd(3n)]);
});

test('claim: a wallet that Redis has forgotten comes back with the holds that are still there', async () => {
  const wallet = await fixture.open(org, 10n);
  await fixture.client().authorize(intentOf(org, 'a', usd(4n)));
  await fixture.redis.del(`orbit:{${org}}:USD:wallet`);
  expect(await claim(wallet, [7n, 6n])).toEqual(['refused', 'granted']);
  expect(await fixture.hot.read(org, 'USD')).toBeNull();
  await fixture.hot.set([wallet]);
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(10n), 0n]);
});

test('wallets that are claimed and settled together, in several scripts, each get their own', async () => {
  // 400 wallets with two charges each are 1,600 keys: four scripts.
  const wallets = Array.from({ length: 400 }, (_, n) =>
    walletOf(`${org}_${n}`, BigInt(n % 3), { version: 1n }),
  );
  // Every fourth is not known to Redis: its balance alone decides.
  await fixture.hot.set(wallets.filter((_, n) => n % 4 !== 0));
  const charges = [1n, 1n].map((units, n) => ({ chargeId: `k${n}`, amountMicros: usd(units) }));
  const claimed = await fixture.hot.claim(
    wallets.map((wallet) => ({ wallet, claimId: 'p0', ttlMs: 60_000, charges })),
  );
  const expected = [
    ['refused', 'refused'],
    ['granted', 'refused'],
    ['granted', 'granted'],
  ];
  expect(claimed.map(({ outcomes }) => outcomes)).toEqual(wallets.map((_, n) => expected[n % 3]));
  await fixture.hot.confirm(
    wallets.map((wallet) => ({
      wallet: { ...wallet, version: 2n, postedMicros: micros(0n) },
      charges: [],
      claimId: 'p0',
    })),
  );
  const names = wallets.map(({ organizationId }) => ({ organizationId, currency: 'USD' as const }));
  const read = await fixture.hot.readAll(names);
  expect(read.map((balance) => balance && [balance.organizationId, balance.postedMicros])).toEqual(
    wallets.map(({ organizationId }, n) => (n % 4 === 0 ? null : [organizationId, 0n])),
  );
  const sums = await readHoldSums(fixture.redis, names);
  expect(
    sums.filter((sum) => sum !== null && (sum.heldMicros !== 0n || sum.sumMicros !== 0n)),
  ).toEqual([]);
  expect(sums.filter((sum) => sum !== null)).toHaveLength(300);
});

test('set: what the ledger has set aside is neither available nor held', async () => {
  await fixture.open(org, 10n, { escrowedMicros: usd(6n), overdraftMicros: usd(1n) });
  const client = fixture.client();
  expect(await client.authorize(intentOf(org, 'a', usd(6n)))).toMatchObject({
    reason: 'insufficient_funds',
    availableMicros: usd(5n),
  });
  expect(await client.charge(intentOf(org, 'b', usd(5n)))).toMatchObject({
    status: 'charged',
    availableAfterMicros: 0n,
  });
  expect(await fixture.hot.read(org, 'USD')).toMatchObject({
    escrowedMicros: usd(6n),
    heldMicros: usd(5n),
    availableMicros: 0n,
  });
});

test('set: custom units have wallets, holds and authorization ids of their own', async () => {
  const currency = 'api_credits' as Currency;
  await fixture.open(org, 10n, { currency });
  const client = fixture.client();
  const hold = await client.authorize(intentOf(org, 'a:1', usd(4n), { currency }));
  if (hold.status !== 'authorized') throw new Error('refused');
  expect(await client.capture(org, hold.authorizationId, usd(3n))).toMatchObject({
    status: 'captured',
    currency,
    chargeId: 'a:1',
  });
  expect(await client.authorize(intentOf(org, 'b', usd(1n)))).toMatchObject({
    reason: 'unknown_wallet',
  });
  expect((await fixture.hot.read(org, currency))?.heldMicros).toBe(usd(3n));
});
