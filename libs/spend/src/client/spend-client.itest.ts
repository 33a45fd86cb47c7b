import { eventually, testInfra, uniqueId } from '@orbit/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { readHoldSums } from '../ledger-side/hold-sums.js';
import { AuthorizationIds } from './authorization-ids.js';
import { holdsKeyOf, unsignedIdOf } from '../redis/keys.js';
import { SpendFixture, cents, intentOf, testIds, usd, walletOf } from './spend-fixture.js';
import { UnsettledCaptures } from '../ledger-side/unsettled-captures.js';
import type { Authorized, AuthorizeResult } from '../types.js';

let fixture: SpendFixture;
let org: string;

beforeAll(async () => {
  fixture = new SpendFixture(testInfra().redisUrl);
  await fixture.ready();
});
beforeEach(() => {
  org = uniqueId('org');
  fixture.published.length = 0;
  fixture.isPublisherDown = false;
});
afterAll(() => fixture.close());

function authorized(result: AuthorizeResult): Authorized {
  if (result.status !== 'authorized') throw new Error(`refused: ${result.reason}`);
  return result;
}

test('T02 balance 1.00, 200 parallel charges of 0.01 from 4 clients: exactly 100 pass, 100 are refused', async () => {
  await fixture.open(org, 1n);
  const clients = [1, 2, 3, 4].map(() => fixture.client(fixture.connect()));
  await fixture.ready();
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      clients[n % 4]!.charge(intentOf(org, `c${n}`, cents(1n))),
    ),
  );
  expect(results.filter((result) => result.status === 'charged')).toHaveLength(100);
  const refused = results.filter((result) => result?.status === 'refused');
  expect(refused).toHaveLength(100);
  expect(refused.every((r) => r?.status === 'refused' && r.reason === 'insufficient_funds')).toBe(
    true,
  );
  expect(new Set(fixture.published.map(({ id }) => id)).size).toBe(100);
  expect(await fixture.balance(org)).toEqual([usd(1n), usd(1n), 0n]);
});

test('T03 balance 5000, six parallel holds of 1000: five pass, the sixth is refused, available 0, posted 5000', async () => {
  await fixture.open(org, 5_000n);
  const client = fixture.client();
  const results = await Promise.all(
    Array.from({ length: 6 }, (_, n) => client.authorize(intentOf(org, `h${n}`, usd(1_000n)))),
  );
  expect(results.map(({ status }) => status).sort()).toEqual([
    ...Array.from({ length: 5 }, () => 'authorized'),
    'refused',
  ]);
  expect(await fixture.balance(org)).toEqual([usd(5_000n), usd(5_000n), 0n]);
});

test('T04 balance 10.00, hold 6.00, hold 5.00 refused, capture 4.50: once settled posted 5.50, held 0, available 5.50', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const hold = authorized(await client.authorize(intentOf(org, 'a', usd(6n))));
  expect(hold.availableAfterMicros).toBe(usd(4n));
  expect(await client.authorize(intentOf(org, 'b', usd(5n)))).toMatchObject({
    status: 'refused',
    reason: 'insufficient_funds',
    availableMicros: usd(4n),
  });
  expect(await client.capture(org, hold.authorizationId, cents(450n))).toMatchObject({
    status: 'captured',
    amountMicros: cents(450n),
    returnedMicros: cents(150n),
    availableAfterMicros: cents(550n),
  });
  expect(await fixture.balance(org)).toEqual([usd(10n), cents(450n), cents(550n)]);
  expect(fixture.published).toMatchObject([
    { key: org, id: 'a', value: { amount: '4.50', authorization_id: hold.authorizationId } },
  ]);
  const settlement = {
    wallet: walletOf(org, 0n, { postedMicros: cents(550n), version: 2n }),
    charges: [{ chargeId: 'a', amountMicros: cents(450n), outcome: 'posted' as const }],
    claimId: null,
  };
  await fixture.hot.confirm([settlement]);
  await fixture.hot.confirm([settlement]);
  expect(await fixture.balance(org)).toEqual([cents(550n), 0n, cents(550n)]);
});

test('T05 a second capture of the same amount answers the same; of another amount it is a conflict; neither moves money', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const { authorizationId } = authorized(await client.authorize(intentOf(org, 'a', usd(6n))));
  const first = await client.capture(org, authorizationId, usd(2n));
  const before = await fixture.balance(org);
  expect(await client.capture(org, authorizationId, usd(2n))).toEqual({ ...first, replayed: true });
  expect(await client.capture(org, authorizationId, usd(3n))).toEqual({ status: 'conflict' });
  expect(await client.capture(org, authorizationId)).toEqual({ status: 'conflict' });
  expect(await fixture.balance(org)).toEqual(before);
  expect(fixture.published.map(({ value }) => value.amount)).toEqual(['2.00', '2.00']);
});

test('T05 release after capture, capture after release and a capture above the hold are refused; state unchanged', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const kept = authorized(await client.authorize(intentOf(org, 'kept', usd(1n))));
  const freed = authorized(await client.authorize(intentOf(org, 'freed', usd(2n))));
  expect(await client.capture(org, kept.authorizationId, usd(2n))).toEqual({
    status: 'exceeds_hold',
  });
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(3n), usd(7n)]);
  await client.capture(org, kept.authorizationId);
  const released = await client.release(org, freed.authorizationId);
  expect(released).toMatchObject({ status: 'released', availableAfterMicros: usd(9n) });
  expect(await client.release(org, kept.authorizationId)).toEqual({ status: 'captured' });
  expect(await client.capture(org, freed.authorizationId)).toEqual({ status: 'released' });
  expect(await client.release(org, freed.authorizationId)).toEqual({ ...released, replayed: true });
  expect(await client.authorize(intentOf(org, 'freed', usd(2n)))).toMatchObject({
    reason: 'charge_id_conflict',
    endedAs: 'released',
  });
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(1n), usd(9n)]);
});

test('T05 capture and release after expiry answer expired; the hold is free once, and its id cannot be charged', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const intent = intentOf(org, 'late', usd(10n));
  const { authorizationId } = authorized(await client.authorize({ ...intent, ttlMs: 20 }));
  await eventually(async () =>
    expect(await fixture.balance(org)).toEqual([usd(10n), 0n, usd(10n)]),
  );
  expect(await client.capture(org, authorizationId)).toEqual({ status: 'expired' });
  expect(await client.release(org, authorizationId)).toEqual({ status: 'expired' });
  expect(await client.charge(intent)).toMatchObject({
    reason: 'charge_id_conflict',
    endedAs: 'expired',
  });
  expect(await client.authorize({ ...intent, ttlMs: 20 })).toMatchObject({
    reason: 'charge_id_conflict',
    endedAs: 'expired',
  });
  expect(await fixture.balance(org)).toEqual([usd(10n), 0n, usd(10n)]);
  authorized(await client.authorize(intentOf(org, 'next', usd(10n))));
});

test('T06 a hold that expires while its capture is in flight is captured or free, never both, 10,000 times', async () => {
  await fixture.open(org, 1_000_000n);
  const client = fixture.client();
  let captured = 0n;
  let expired = 0;
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 500 }, async (_, n) => {
        const id = `r${round}-${n}`;
        const hold = await client.authorize({
          ...intentOf(org, id, usd(1n)),
          // Some outlive the slowest machine, so that both ends are always among them.
          ttlMs: n % 10 === 0 ? 5_000 : 1 + (n % 100),
        });
        const [result] = await Promise.all([
          client.capture(org, authorized(hold).authorizationId),
          fixture.hot.read(org, 'USD'),
        ]);
        if (result.status === 'captured') captured += 1n;
        else expired += result.status === 'expired' ? 1 : Number.NaN;
      }),
    );
  }
  expect(Number(captured) + expired).toBe(10_000);
  expect(captured > 0n && expired > 0).toBe(true);
  await eventually(async () =>
    expect(await fixture.balance(org)).toEqual([
      usd(1_000_000n),
      usd(captured),
      usd(1_000_000n - captured),
    ]),
  );
  expect(fixture.published).toHaveLength(Number(captured));
});

test('authorize: the same id with the same values answers the same, even when paused meanwhile; other values conflict', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const intent = intentOf(org, 'a', usd(6n), { metadata: { country: '1', tier: 2 } });
  const first = authorized(await client.authorize(intent));
  await fixture.open(org, 10n, { version: 2n, pausedReason: 'dispute' });
  const again = { ...intent, metadata: { tier: 2, country: '1' } };
  expect(await client.authorize(again)).toEqual({ ...first, replayed: true });
  for (const change of [
    { amountMicros: usd(5n) },
    { channel: 'voice' },
    { quantity: 2 },
    { metadata: {} },
  ])
    expect(await client.authorize({ ...intent, ...change })).toMatchObject({
      reason: 'charge_id_conflict',
      endedAs: null,
    });
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(6n), usd(4n)]);
});

test('authorize: a pause refuses with its reason, a wallet that ran dry with insufficient funds', async () => {
  const client = fixture.client();
  await fixture.open(org, 10n, { pausedReason: 'manual' });
  expect(await client.authorize(intentOf(org, 'a', usd(1n)))).toMatchObject({
    reason: 'paused',
    pausedReason: 'manual',
  });
  await fixture.open(org, 10n, { version: 2n, pausedReason: 'balance_depleted' });
  expect(await client.authorize(intentOf(org, 'a', usd(1n)))).toMatchObject({
    reason: 'insufficient_funds',
    pausedReason: 'balance_depleted',
  });
  await fixture.open(org, 10n, { version: 3n });
  authorized(await client.authorize(intentOf(org, 'a', usd(1n))));
});

test('authorize: an overdraft extends what is available', async () => {
  await fixture.open(org, 1n, { overdraftMicros: usd(2n) });
  const client = fixture.client();
  expect(authorized(await client.authorize(intentOf(org, 'a', usd(3n)))).availableAfterMicros).toBe(
    0n,
  );
  expect(await client.authorize(intentOf(org, 'b', cents(1n)))).toMatchObject({
    status: 'refused',
  });
});

test('authorize: amounts near 2^53 micros stay exact', async () => {
  await fixture.open(org, 9_007_199_254n);
  const client = fixture.client();
  const hold = authorized(await client.authorize(intentOf(org, 'a', cents(1n))));
  expect(hold.availableAfterMicros).toBe(9_007_199_253_990_000n);
  await client.capture(org, hold.authorizationId);
  expect(await fixture.balance(org)).toEqual([
    9_007_199_254_000_000n,
    10_000n,
    9_007_199_253_990_000n,
  ]);
});

test('authorize: a wallet that Redis misses is loaded once for all callers; one that nobody knows is unknown', async () => {
  const client = fixture.client();
  fixture.ledger.set(org, walletOf(org, 5n));
  const before = fixture.loadCount;
  const results = await Promise.all(
    [1, 2, 3].map((n) => client.authorize(intentOf(org, `l${n}`, usd(1n)))),
  );
  expect(results.map(({ status }) => status)).toEqual(['authorized', 'authorized', 'authorized']);
  expect(fixture.loadCount).toBe(before + 1);
  const stranger = uniqueId('org');
  expect(await client.charge(intentOf(stranger, 'x', usd(1n)))).toMatchObject({
    reason: 'unknown_wallet',
  });
});

test('authorize: what several wallets are asked for in one tick is answered as if each were asked alone', async () => {
  const client = fixture.client();
  const [rich, poor, paused, absent] = [1, 2, 3, 4].map(() => uniqueId('org'));
  await fixture.open(rich!, 100n);
  await fixture.open(poor!, 2n);
  await fixture.open(paused!, 5n, { pausedReason: 'manual' });
  fixture.ledger.set(absent!, walletOf(absent!, 7n));
  await client.authorize(intentOf(rich!, 'known', usd(1n)));
  const asked: (readonly [string, string, bigint])[] = [
    [rich!, 'r1', 10n],
    [poor!, 'p1', 1n],
    [rich!, 'known', 1n],
    [paused!, 'z1', 1n],
    [poor!, 'p2', 2n],
    [absent!, 'a1', 3n],
    [rich!, 'known', 2n],
    [poor!, 'p3', 1n],
    [rich!, 'r1', 10n],
    ...Array.from({ length: 60 }, (_, n) => [rich!, `more${n}`, 1n] as const),
  ];
  const results = await Promise.all(
    asked.map(([id, chargeId, units]) => client.authorize(intentOf(id, chargeId, usd(units)))),
  );
  const short = results.map((result) =>
    result.status === 'refused' ? result.reason : result.replayed ? 'again' : 'held',
  );
  expect(short.slice(0, 9)).toEqual([
    'held',
    'held',
    'again',
    'paused',
    'insufficient_funds',
    'held',
    'charge_id_conflict',
    'held',
    'again',
  ]);
  expect(short.slice(9).every((answer) => answer === 'held')).toBe(true);
  expect(await fixture.balance(rich!)).toEqual([usd(100n), usd(71n), usd(29n)]);
  expect(await fixture.balance(poor!)).toEqual([usd(2n), usd(2n), 0n]);
  expect(await fixture.balance(paused!)).toEqual([usd(5n), 0n, usd(5n)]);
  expect(await fixture.balance(absent!)).toEqual([usd(7n), usd(3n), usd(4n)]);
});

test('T14 authorize: at the instant a block expires the wallet is asked of the ledger again', async () => {
  await fixture.open(org, 10n, { validUntilMs: Date.now() - 1 });
  fixture.ledger.set(org, walletOf(org, 0n, { version: 1n }));
  expect(await fixture.client().authorize(intentOf(org, 'a', usd(1n)))).toMatchObject({
    reason: 'insufficient_funds',
  });
});

test('capture: ids of another organization, of no one, and of another currency find nothing', async () => {
  const other = uniqueId('org');
  await fixture.open(org, 10n);
  await fixture.open(other, 10n);
  const client = fixture.client();
  const mine = authorized(await client.authorize(intentOf(org, 'same', usd(1n))));
  authorized(await client.authorize(intentOf(other, 'same', usd(1n))));
  for (const id of [mine.authorizationId, 'auth_', 'auth_nothing', ''])
    expect(await client.capture(other, id)).toEqual({ status: 'not_found' });
  expect(await client.release(other, mine.authorizationId)).toEqual({ status: 'not_found' });
  expect(await fixture.balance(other)).toEqual([usd(10n), usd(1n), usd(9n)]);
});

test('capture and release: an id that was tampered with finds nothing, and leaves the hold as it was', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const mine = authorized(await client.authorize(intentOf(org, 'a', usd(1n)))).authorizationId;
  const hold = { organizationId: org, currency: 'USD', chargeId: 'a', part: '' } as const;
  const forger = new AuthorizationIds({ secret: 'another secret than that of the tests' });
  const forged = [
    forger.idOf({ ...hold, amountMicros: usd(9n) }),
    `${mine}.messages.1.3.3000000`,
    `${mine}x`,
    `auth_${'A'.repeat(22)}${mine.slice(27)}`,
    `${mine.slice(0, 27)}${testIds.idOf({ ...hold, amountMicros: usd(9n) }).slice(27)}`,
  ];
  for (const id of forged) {
    expect(await client.capture(org, id)).toEqual({ status: 'not_found' });
    expect(await client.release(org, id)).toEqual({ status: 'not_found' });
  }
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(1n), usd(9n)]);
  expect(fixture.published).toEqual([]);
});

test('capture: what was authorized before ids were signed is captured all the same, and its charge says how much was held', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  authorized(await client.authorize(intentOf(org, 'a', usd(4n))));
  const old = unsignedIdOf(org, 'USD', 'a');
  expect(await client.capture(org, old, usd(3n))).toMatchObject({
    ...{ status: 'captured', authorizationId: old, returnedMicros: usd(1n) },
  });
  const id = fixture.published[0]?.value.authorization_id ?? '';
  expect(testIds.readSigned(org, id)).toMatchObject({ chargeId: 'a', amountMicros: usd(4n) });
});

test('capture and charge: a failed publish is unavailable; the repeat publishes the same message and holds once', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const hold = authorized(await client.authorize(intentOf(org, 'a', usd(2n))));
  fixture.isPublisherDown = true;
  expect(await client.capture(org, hold.authorizationId, usd(1n))).toEqual({
    status: 'unavailable',
  });
  expect(await client.charge(intentOf(org, 'b', usd(3n)))).toMatchObject({ reason: 'unavailable' });
  expect(fixture.published).toEqual([]);
  fixture.isPublisherDown = false;
  const replies = { replyTo: 'orbit:replies:1' };
  expect(await client.capture(org, hold.authorizationId, usd(1n), replies)).toMatchObject({
    status: 'captured',
  });
  expect(await client.charge(intentOf(org, 'b', usd(3n)))).toMatchObject({
    status: 'charged',
    replayed: true,
  });
  expect(await client.charge(intentOf(org, 'b', usd(3n)))).toMatchObject({
    status: 'charged',
    replayed: true,
  });
  const [a, b, repeat] = fixture.published;
  expect(a).toMatchObject({ id: 'a', headers: { orbit_reply_to: 'orbit:replies:1' } });
  expect(JSON.stringify(repeat)).toBe(JSON.stringify(b));
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(4n), usd(6n)]);
});

test('charge: captures the hold that the same charge id has already', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const intent = intentOf(org, 'a', usd(2n));
  const hold = authorized(await client.authorize(intent));
  expect(await client.charge(intent)).toMatchObject({ status: 'charged', replayed: true });
  expect(await client.release(org, hold.authorizationId)).toEqual({ status: 'captured' });
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(2n), usd(8n)]);
});

test('capture and release: a hold that Redis lost before its end, and its record not, ends as if it stood', async () => {
  const wallet = await fixture.open(org, 10n);
  const client = fixture.client();
  const sent = authorized(await client.authorize(intentOf(org, 'a', usd(2n))));
  const failed = authorized(await client.authorize(intentOf(org, 'b', usd(3n))));
  await fixture.redis.del(holdsKeyOf(org, 'USD'));
  await readHoldSums(fixture.redis, [wallet], { repairs: true });
  expect(await client.capture(org, sent.authorizationId)).toMatchObject({ status: 'captured' });
  expect(await client.release(org, failed.authorizationId)).toMatchObject({ status: 'released' });
  expect(await client.capture(org, failed.authorizationId)).toEqual({ status: 'released' });
  expect(fixture.published.map(({ id }) => id)).toEqual(['a']);
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(2n), usd(8n)]);
});

test('UnsettledCaptures: publishes again what was captured and never settled, and nothing after it settled', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const unsettled = new UnsettledCaptures({
    redis: fixture.redis,
    producer: fixture.producer,
    ids: testIds,
  });
  fixture.isPublisherDown = true;
  await client.charge(intentOf(org, 'a', usd(2n), { metadata: { note: 'x|y' } }));
  fixture.isPublisherDown = false;
  const wallets = [org, `${org}_other`].map(
    (organizationId) => ({ organizationId, currency: 'USD' }) as const,
  );
  expect(await unsettled.findWallets(wallets, 60_000)).toEqual([]);
  expect(await unsettled.findWallets(wallets, -2_000)).toEqual([wallets[0]]);
  expect(await unsettled.republish(org, 'USD', 60_000)).toBe(0);
  expect(await unsettled.republish(org, 'USD', -2_000)).toBe(1);
  expect(fixture.published).toMatchObject([
    { id: 'a', value: { amount: '2.00', metadata: { note: 'x|y' } } },
  ]);
  await fixture.hot.confirm([
    {
      wallet: walletOf(org, 8n, { version: 2n }),
      charges: [{ chargeId: 'a', amountMicros: usd(2n), outcome: 'posted' }],
      claimId: null,
    },
  ]);
  expect(await unsettled.republish(org, 'USD', -2_000)).toBe(0);
  expect(
    await client.charge(intentOf(org, 'a', usd(2n), { metadata: { note: 'x|y' } })),
  ).toMatchObject({
    status: 'charged',
    replayed: true,
  });
  expect(fixture.published).toHaveLength(1);
});

test('UnsettledCaptures: one that is not due is kept back, and does not hide one that is', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  fixture.isPublisherDown = true;
  for (const id of ['stuck', 'lost']) {
    await client.charge(intentOf(org, id, usd(1n)));
    // They are in order by the millisecond.
    await sleep(2);
  }
  fixture.isPublisherDown = false;
  const unsettled = new UnsettledCaptures({
    redis: fixture.redis,
    producer: fixture.producer,
    ids: testIds,
  });
  const asked: string[] = [];
  const isDue = (chargeId: string): boolean => asked.push(chargeId) > 0 && chargeId === 'lost';
  expect(await unsettled.republish(org, 'USD', -2_000, isDue)).toBe(1);
  expect([asked, fixture.published.map(({ id }) => id)]).toEqual([['stuck', 'lost'], ['lost']]);
});

test('capture of a part: the amount is the part, the quantity is the one that was authorized', async () => {
  await fixture.open(org, 10n);
  const client = fixture.client();
  const hold = authorized(await client.authorize(intentOf(org, 'a', usd(4n), { quantity: 4 })));
  await client.capture(org, hold.authorizationId, usd(1n));
  expect(fixture.published.map(({ value }) => [value.amount, value.quantity])).toEqual([
    ['1.00', 4],
  ]);
});
