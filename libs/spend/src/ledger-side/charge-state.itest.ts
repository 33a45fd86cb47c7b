// Goal: the state of a charge is read from what the scripts really write, at every step of its life.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testInfra, uniqueId } from '@orbit/testing';
import { readChargeState } from './charge-state.js';
import { readHoldSums } from './hold-sums.js';
import { holdsKeyOf } from '../redis/keys.js';
import { SpendFixture, intentOf, testIds, usd, walletOf } from '../client/spend-fixture.js';

let fixture: SpendFixture;
beforeAll(async () => {
  fixture = new SpendFixture(testInfra().redisUrl);
  await fixture.ready();
});
afterAll(() => fixture.close());

test('a charge is held, captured, then what the ledger made of it; a released one says so', async () => {
  const org = uniqueId('org');
  await fixture.open(org, 10n);
  const client = fixture.client();
  const state = async (id: string): Promise<string | undefined> =>
    (await readChargeState(fixture.redis, org, id, testIds))?.state;
  const authorize = async (id: string): Promise<string> => {
    const intent = { ...intentOf(org, id, usd(4n)), ttlMs: 60_000 };
    const held = await client.authorize(intent);
    if (held.status !== 'authorized') throw new Error(held.status);
    return held.authorizationId;
  };

  expect(await state('c1')).toBeUndefined();
  const first = await authorize('c1');
  expect(await readChargeState(fixture.redis, org, 'c1', testIds)).toMatchObject({
    state: 'held',
    authorizationId: first,
    amountMicros: usd(4n),
    currency: 'USD',
  });
  expect(await readHoldSums(fixture.redis, [{ organizationId: org, currency: 'USD' }])).toEqual([
    { heldMicros: usd(4n), sumMicros: usd(4n) },
  ]);
  await client.capture(org, first, usd(3n));
  expect(await readChargeState(fixture.redis, org, 'c1', testIds)).toMatchObject({
    state: 'captured',
    amountMicros: usd(3n),
  });
  const charges = [{ chargeId: 'c1', amountMicros: usd(3n), outcome: 'posted' as const }];
  await fixture.hot.confirm([
    { wallet: walletOf(org, 7n, { version: 2n }), charges, claimId: null },
  ]);
  expect(await state('c1')).toBe('posted');

  await client.release(org, await authorize('c2'));
  expect(await state('c2')).toBe('released');
  await client.charge(intentOf(org, 'c3', usd(1n)));
  expect(await state('c3')).toBe('captured');
  expect(await readChargeState(fixture.redis, uniqueId('org'), 'c1')).toBeNull();
});

test('held that was changed behind the scripts is told, and mended on request', async () => {
  const org = uniqueId('org');
  await fixture.open(org, 10n);
  await fixture.client().charge(intentOf(org, 'c1', usd(2n)));
  const wallet = { organizationId: org, currency: 'USD' } as const;
  await fixture.redis.hincrby(`orbit:{${org}}:USD:wallet`, 'held', 5);
  const wrong = { heldMicros: usd(2n) + 5n, sumMicros: usd(2n) };
  expect(await readHoldSums(fixture.redis, [wallet])).toEqual([wrong]);
  expect(await readHoldSums(fixture.redis, [wallet], { repairs: true })).toEqual([wrong]);
  expect(await readHoldSums(fixture.redis, [wallet])).toEqual([
    { heldMicros: usd(2n), sumMicros: usd(2n) },
  ]);
  expect(
    await readHoldSums(fixture.redis, [{ ...wallet, organizationId: uniqueId('org') }]),
  ).toEqual([null]);
});

test('wallets with many holds are all added up, one with too many for any script is not', async () => {
  const org = uniqueId('org');
  const names = ['a', 'b', 'c'].map((n) => ({
    organizationId: `${org}_${n}`,
    currency: 'USD' as const,
  }));
  await fixture.hot.set(names.map(({ organizationId }) => walletOf(organizationId, 1n)));
  for (const [index, { organizationId }] of names.entries()) {
    const size = index < 2 ? 3_000 : 5_001;
    const members = Array.from({ length: size }, (_, n) => [1e15 + n, `2|x${n}`]).flat();
    await fixture.redis.zadd(holdsKeyOf(organizationId, 'USD'), ...members);
  }
  const sum = { heldMicros: 0n, sumMicros: 6_000n };
  expect(await readHoldSums(fixture.redis, names)).toEqual([sum, sum, null]);
});
