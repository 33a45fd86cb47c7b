import { eventually, redisServer, uniqueId } from '@orbit/testing';
import { SpendFixture, intentOf, usd, walletOf } from './spend-fixture.js';

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
