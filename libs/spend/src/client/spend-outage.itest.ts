import { eventually, redisServer, uniqueId } from '@orbit/testing';
import { HotBalances } from '../ledger-side/hot-balances.js';
import { MemoryTrust } from '../ledger-side/memory-trust.js';
import { SpendFixture, cents, intentOf, usd, walletOf } from './spend-fixture.js';
import type { OutagePolicy } from '../types.js';

test('spend: Redis killed answers unavailable at once; restarted, it serves again without being told', async () => {
  const server = await redisServer();
  const fixture = new SpendFixture(server.url);
  try {
    await fixture.ready();
    const org = uniqueId('org');
    fixture.ledger.set(org, walletOf(org, 10n));
    const client = fixture.client();
    expect(await client.charge(intentOf(org, 'before', usd(1n)))).toMatchObject({
      status: 'charged',
    });

    await server.kill();
    const during = await Promise.all(
      Array.from({ length: 50 }, (_, n) => client.charge(intentOf(org, `during${n}`, usd(1n)))),
    );
    expect(new Set(during.map((r) => (r.status === 'refused' ? r.reason : r.status)))).toEqual(
      new Set(['unavailable']),
    );
    expect(await client.release(org, 'auth_nothing')).toEqual({ status: 'not_found' });
    expect(fixture.published).toHaveLength(1);

    await server.restart();
    // The scripts are gone with the server's memory; so may be the wallet, which the ledger brings back.
    await eventually(async () =>
      expect(await client.charge(intentOf(org, 'after', usd(1n)))).toMatchObject({
        status: 'charged',
      }),
    );
    expect(await client.charge(intentOf(org, 'after', usd(1n)))).toMatchObject({ replayed: true });
    expect((await fixture.hot.read(org, 'USD'))?.postedMicros).toBe(usd(10n));
  } finally {
    fixture.close();
    await server.stop();
  }
});

test('spend: a Redis that hangs is waited for once, then refused at once; when it goes on it serves again', async () => {
  const server = await redisServer();
  const fixture = new SpendFixture(server.url);
  try {
    const org = uniqueId('org');
    fixture.ledger.set(org, walletOf(org, 10n));
    const redis = fixture.connect(1_000);
    await fixture.ready();
    await fixture.open(org, 10n);
    const why: string[] = [];
    const client = fixture.client(redis, (error) => why.push((error as Error).message));
    fixture.terms = { ...fixture.terms, isRecovering: true };

    server.freeze();
    for (const id of ['a', 'b', 'c'])
      expect(await client.charge(intentOf(org, id, usd(1n)))).toMatchObject({
        reason: 'unavailable',
      });
    const waited = /timed out|Socket timeout/;
    expect(why.map((message) => waited.test(message))).toEqual([true, false, false]);

    server.thaw();
    fixture.terms = { ...fixture.terms, isRecovering: false };
    await eventually(async () =>
      expect(await client.charge(intentOf(org, 'b', usd(1n)))).toMatchObject({ status: 'charged' }),
    );
    expect(fixture.published.map(({ id }) => id)).toEqual(['b']);
  } finally {
    fixture.close();
    await server.stop();
  }
});

test('spend: a ledger that cannot be asked makes a missing wallet unavailable, not unknown', async () => {
  const server = await redisServer();
  const fixture = new SpendFixture(server.url);
  try {
    await fixture.ready();
    const org = uniqueId('org');
    const get = fixture.ledger.get.bind(fixture.ledger);
    fixture.ledger.get = () => {
      throw new Error('the ledger is away');
    };
    const client = fixture.client();
    expect(await client.authorize(intentOf(org, 'a', usd(1n)))).toMatchObject({
      reason: 'unavailable',
    });
    fixture.ledger.get = get;
    fixture.ledger.set(org, walletOf(org, 1n));
    expect(await client.authorize(intentOf(org, 'a', usd(1n)))).toMatchObject({
      status: 'authorized',
    });
  } finally {
    fixture.close();
    await server.stop();
  }
});

/** A wallet of 10.00 in a Redis that is then flushed, with a ledger that has not caught up. */
async function inRecovery(
  policy: OutagePolicy,
  test: (fixture: SpendFixture, org: string) => Promise<void>,
): Promise<void> {
  const server = await redisServer();
  const fixture = new SpendFixture(server.url, { processCount: 2 });
  try {
    await fixture.ready();
    const org = uniqueId('org');
    fixture.ledger.set(org, walletOf(org, 10n));
    await fixture.open(org, 10n);
    fixture.terms = {
      isRecovering: true,
      outagePolicy: policy,
      outageBudgetMicros: usd(4n),
    };
    await test(fixture, org);
  } finally {
    fixture.close();
    await server.stop();
  }
}

test('T28 closed: a lost memory refuses spend as unavailable until the ledger says that it may be trusted', () =>
  inRecovery('closed', async (fixture, org) => {
    const client = fixture.client();
    await fixture.redis.flushall();
    for (const id of ['a', 'b'])
      expect(await client.charge(intentOf(org, id, cents(1n)))).toMatchObject({
        reason: 'unavailable',
      });
    expect(fixture.published).toEqual([]);
    fixture.terms = { ...fixture.terms, isRecovering: false };
    await eventually(async () =>
      expect(await client.charge(intentOf(org, 'a', usd(1n)))).toMatchObject({ status: 'charged' }),
    );
  }));

test('T28 open_with_budget: each process spends its share and no more, and all of it is posted as authorized', () =>
  inRecovery('open_with_budget', async (fixture, org) => {
    await fixture.redis.flushall();
    const client = fixture.client();
    const hold = await client.authorize(intentOf(org, 'a', usd(2n)));
    if (hold.status !== 'authorized') throw new Error(hold.reason);
    expect(await client.authorize(intentOf(org, 'a', usd(2n)))).toMatchObject({ replayed: true });
    expect(await client.authorize(intentOf(org, 'a', usd(1n)))).toMatchObject({
      reason: 'charge_id_conflict',
    });
    expect(await client.charge(intentOf(org, 'b', cents(1n)))).toMatchObject({
      reason: 'unavailable',
    });
    // The part that was not used goes back to the share.
    expect(await client.capture(org, hold.authorizationId, usd(1n))).toMatchObject({
      status: 'captured',
      returnedMicros: usd(1n),
    });
    expect(await client.charge(intentOf(org, 'b', usd(1n)))).toMatchObject({ status: 'charged' });
    expect(await client.charge(intentOf(org, 'c', cents(1n)))).toMatchObject({
      reason: 'unavailable',
    });
    expect(await fixture.client().charge(intentOf(org, 'd', usd(2n)))).toMatchObject({
      status: 'charged',
    });
    expect(fixture.published.map(({ id, value }) => [id, value.amount])).toEqual([
      ['a', '1.00'],
      ['b', '1.00'],
      ['d', '2.00'],
    ]);
    expect(fixture.published.every(({ value }) => value.authorization_id !== '')).toBe(true);
  }));

test('T28 open: spends without a bound, but not from a paused wallet; Redis knows nothing of it afterwards', () =>
  inRecovery('open', async (fixture, org) => {
    await fixture.redis.flushall();
    const client = fixture.client();
    const hold = await client.authorize(intentOf(org, 'a', usd(70n)));
    if (hold.status !== 'authorized') throw new Error(hold.reason);
    fixture.terms = { ...fixture.terms, isRecovering: false };
    await eventually(async () =>
      expect(await client.authorize(intentOf(org, 'b', usd(10n)))).toMatchObject({
        availableAfterMicros: 0n,
      }),
    );
    expect(await client.capture(org, hold.authorizationId, usd(60n))).toMatchObject({
      status: 'captured',
    });
    expect(await client.capture(org, hold.authorizationId, usd(60n))).toMatchObject({
      replayed: true,
    });
    expect(await client.release(org, hold.authorizationId)).toEqual({ status: 'captured' });
    expect(fixture.published.map(({ id }) => id)).toEqual(['a', 'a']);

    fixture.ledger.set(org, walletOf(org, 10n, { pausedReason: 'dispute' }));
    fixture.terms = { ...fixture.terms, isRecovering: true };
    await fixture.redis.flushall();
    // What the ledger said of it is kept for a moment, by a process that asked lately.
    expect(await fixture.client().authorize(intentOf(org, 'c', usd(1n)))).toMatchObject({
      reason: 'paused',
      pausedReason: 'dispute',
    });
  }));

test('T28 Redis away: the policy answers, and what it authorized is captured without Redis', async () => {
  const server = await redisServer();
  const fixture = new SpendFixture(server.url);
  try {
    await fixture.ready();
    const org = uniqueId('org');
    fixture.ledger.set(org, walletOf(org, 10n));
    fixture.terms = { isRecovering: true, outagePolicy: 'open', outageBudgetMicros: usd(0n) };
    await server.kill();
    const client = fixture.client();
    const hold = await client.authorize(intentOf(org, 'a', usd(3n)));
    if (hold.status !== 'authorized') throw new Error(hold.reason);
    expect(await client.capture(org, hold.authorizationId)).toMatchObject({ status: 'captured' });
    expect(await client.charge(intentOf(org, 'b', usd(1n)))).toMatchObject({ status: 'charged' });
    expect(fixture.published.map(({ id }) => id)).toEqual(['a', 'b']);
  } finally {
    fixture.close();
    await server.stop();
  }
});

test('T28 what a process authorized before the loss it can still capture or release, once; another process cannot', () =>
  inRecovery('closed', async (fixture, org) => {
    fixture.terms = { ...fixture.terms, isRecovering: false };
    const client = fixture.client();
    const [a, b] = await Promise.all(
      ['a', 'b'].map((id) => client.authorize(intentOf(org, id, usd(2n)))),
    );
    if (a?.status !== 'authorized' || b?.status !== 'authorized') throw new Error('refused');
    await fixture.redis.flushall();
    expect(await fixture.client().capture(org, a.authorizationId)).toEqual({ status: 'not_found' });
    expect(await client.capture(org, a.authorizationId, usd(3n))).toEqual({
      status: 'exceeds_hold',
    });
    fixture.isPublisherDown = true;
    expect(await client.capture(org, a.authorizationId, usd(1n))).toEqual({
      status: 'unavailable',
    });
    fixture.isPublisherDown = false;
    expect(await client.capture(org, a.authorizationId, usd(2n))).toEqual({ status: 'conflict' });
    expect(await client.capture(org, a.authorizationId, usd(1n))).toMatchObject({
      status: 'captured',
    });
    expect(await client.release(org, b.authorizationId)).toMatchObject({ status: 'released' });
    expect(await client.capture(org, b.authorizationId)).toEqual({ status: 'released' });
    expect(fixture.published.map(({ id, value }) => [id, value.amount])).toEqual([['a', '1.00']]);
  }));

test('T28 a wallet from another life of the server is not authorized from; loaded, it counts the holds that are left', () =>
  inRecovery('closed', async (fixture, org) => {
    fixture.terms = { ...fixture.terms, isRecovering: false };
    const client = fixture.client();
    await client.authorize(intentOf(org, 'a', usd(4n)));
    await fixture.redis.hset(`orbit:{${org}}:USD:wallet`, 'epoch', 'another', 'held', '0');
    fixture.ledger.set(org, walletOf(org, 9n, { version: 2n }));
    expect(await fixture.hot.read(org, 'USD')).toBeNull();
    const before = fixture.loadCount;
    expect(await client.authorize(intentOf(org, 'b', usd(6n)))).toMatchObject({
      reason: 'insufficient_funds',
      availableMicros: usd(5n),
    });
    expect(fixture.loadCount).toBe(before + 1);
  }));

test('T28 settlements and claims while the memory is doubted do not let anybody authorize', () =>
  inRecovery('closed', async (fixture, org) => {
    await fixture.redis.flushall();
    const wallet = walletOf(org, 7n, { version: 5n });
    const [claimed] = await fixture.hot.claim([
      {
        wallet,
        claimId: 'p0',
        ttlMs: 60_000,
        charges: [{ chargeId: 'raw', amountMicros: usd(3n) }],
      },
    ]);
    expect(claimed?.outcomes).toEqual(['granted']);
    await fixture.hot.confirm([{ wallet, charges: [], claimId: null }]);
    expect(await fixture.client().authorize(intentOf(org, 'a', usd(1n)))).toMatchObject({
      reason: 'unavailable',
    });
    // An older read of the ledger cannot undo what was settled, and the claim counts.
    await fixture.hot.set([walletOf(org, 10n, { version: 4n })]);
    expect(await fixture.balance(org)).toEqual([usd(7n), usd(3n), usd(4n)]);
  }));

test('T28 trust: kept by the server itself, lost with its memory, and given back only if nothing was lost since', async () => {
  const server = await redisServer();
  const fixture = new SpendFixture(server.url);
  try {
    await fixture.ready();
    const trust = new MemoryTrust(fixture);
    expect(await trust.isTrusted()).toBe(false);
    const mark = await trust.begin();
    expect(await new MemoryTrust(fixture).begin()).toBe(mark);
    await fixture.redis.flushall();
    expect(await trust.finish(mark)).toBe(false);
    expect(await trust.finish(await trust.begin())).toBe(true);
    expect(await trust.isTrusted()).toBe(true);

    const org = uniqueId('org');
    const hot = new HotBalances(fixture);
    const permit = await hot.permitLoad(org);
    await fixture.redis.flushall();
    expect(await hot.load(walletOf(org, 1n), permit)).toBe('lost');
    expect(await hot.load(walletOf(org, 1n), await hot.permitLoad(org))).toBe('loaded');

    // With all its data, but another life: what came after the last flush to disk may be missing.
    await trust.finish(await trust.begin());
    await server.kill();
    await server.restart();
    await eventually(async () => expect(await trust.isTrusted()).toBe(false));
  } finally {
    fixture.close();
    await server.stop();
  }
});
