// Goal: what somebody writes over one wallet's keys stops that wallet at most, and not for long.
import { testInfra, uniqueId } from '@orbit/testing';
import { readHoldSums } from './hold-sums.js';
import { holdsKeyOf, recordKeyOf, walletKeyOf } from '../redis/keys.js';
import { logRepairs } from '../redis/scripts.js';
import { SpendFixture, intentOf, usd, walletOf } from '../client/spend-fixture.js';

let fixture: SpendFixture;
let org: string;
let other: string;

beforeAll(async () => {
  fixture = new SpendFixture(testInfra().redisUrl);
  await fixture.ready();
});
beforeEach(async () => {
  [org, other] = [uniqueId('org'), uniqueId('org')];
  for (const id of [org, other]) {
    fixture.ledger.set(id, walletOf(id, 10n));
    await fixture.open(id, 10n);
    await fixture.client().charge(intentOf(id, 'a', usd(1n)));
  }
});
afterAll(() => fixture.close());

const DAMAGES: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['its holds are a string', () => fixture.redis.set(holdsKeyOf(org, 'USD'), 'x')],
  ['a member of its holds is no hold', () => fixture.redis.zadd(holdsKeyOf(org, 'USD'), 5, 'x')],
  ['its hash is a string', () => fixture.redis.set(walletKeyOf(org, 'USD'), 'x')],
  ['`held` is no number', () => fixture.redis.hset(walletKeyOf(org, 'USD'), 'held', 'x')],
  ['`version` is no number', () => fixture.redis.hset(walletKeyOf(org, 'USD'), 'version', 'x')],
  ['`next` is gone', () => fixture.redis.hdel(walletKeyOf(org, 'USD'), 'next')],
  [
    'the record is a list',
    async () => {
      await fixture.redis.del(recordKeyOf(org, 'a'));
      await fixture.redis.lpush(recordKeyOf(org, 'a'), 'x');
    },
  ],
  ['the record is another text', () => fixture.redis.set(recordKeyOf(org, 'a'), 'x')],
];

test.each(DAMAGES)(
  'settle, of two wallets at once, goes through although of one %s',
  async (_, damage) => {
    await damage();
    const charges = [{ chargeId: 'a', amountMicros: usd(1n), outcome: 'posted' as const }];
    const settled = [org, other].map((id) => walletOf(id, 9n, { version: 2n }));
    await fixture.hot.confirm(settled.map((wallet) => ({ wallet, charges, claimId: null })));
    for (const wallet of settled) await fixture.hot.read(wallet.organizationId, 'USD');
    await readHoldSums(fixture.redis, settled, { repairs: true });
    expect(await fixture.balance(other)).toEqual([usd(9n), 0n, usd(9n)]);
    fixture.ledger.set(org, walletOf(org, 9n, { version: 2n }));
    expect(await fixture.client().charge(intentOf(org, 'b', usd(9n)))).toMatchObject({
      status: 'charged',
    });
    expect(await fixture.balance(org)).toEqual([usd(9n), usd(9n), 0n]);
  },
);

test.each(DAMAGES)(
  'charges of two wallets in one tick pass although of one %s',
  async (_, damage) => {
    const client = fixture.client();
    await damage();
    const results = await Promise.all(
      [other, org, other, org].map((id, n) => client.charge(intentOf(id, `c${n}`, usd(1n)))),
    );
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'charged'));
    expect(await client.charge(intentOf(org, 'too-much', usd(11n)))).toMatchObject({
      status: 'refused',
      reason: 'insufficient_funds',
    });
    expect(await client.charge(intentOf(other, 'too-much', usd(8n)))).toMatchObject({
      status: 'refused',
      reason: 'insufficient_funds',
    });
  },
);

test('claim goes through although the holds of its wallet are a string', async () => {
  await fixture.redis.set(holdsKeyOf(org, 'USD'), 'x');
  const charges = [{ chargeId: 'k', amountMicros: usd(2n) }];
  const claimed = await fixture.hot.claim([
    { wallet: walletOf(org, 10n), claimId: 'p0', ttlMs: 60_000, charges },
  ]);
  expect(claimed).toEqual([{ outcomes: ['granted'] }]);
});

test('what was dropped is told to the log, by its keys', async () => {
  const lines: object[] = [];
  logRepairs({ warn: (detail) => lines.push(detail) });
  await fixture.redis.set(holdsKeyOf(org, 'USD'), 'x');
  await fixture.client().charge(intentOf(org, 'b', usd(1n)));
  expect(lines).toMatchObject([{ keys: [holdsKeyOf(org, 'USD'), walletKeyOf(org, 'USD')] }]);
});
