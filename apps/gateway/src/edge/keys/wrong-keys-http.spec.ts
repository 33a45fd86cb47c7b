// Wrong keys at the three doors that open with a key, over HTTP. Method: guesses and right keys from one address.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';
import { WRONG_KEYS_MAX } from './wrong-keys.js';

let world: FakeWorld;
let app: NestFastifyApplication;
beforeEach(async () => {
  world = new FakeWorld();
  app = await world.start();
});
afterEach(() => app.close());

const DOORS = {
  organization: '/api/v1/billing/status',
  operator: '/api/v1/operator/organizations',
  account: '/v1/items',
} as const;
type Door = keyof typeof DOORS;

async function ask(door: Door, key: string, remoteAddress = '203.0.113.9') {
  const headers = door === 'account' ? { authorization: `Bearer ${key}` } : { 'x-api-key': key };
  const answer = await app.inject({ url: DOORS[door], headers, remoteAddress });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json<object>() };
}
const guess = (n: number): string => `dv_live_sk_${String(n).padStart(40, '0')}`;
const prefixes = { organization: 'dv_live_sk_', operator: '', account: 'orb_live_' } as const;

test.each<Door>(['organization', 'operator', 'account'])(
  'the hundredth wrong %s key in a minute is answered 429, with Retry-After',
  async (door) => {
    const statuses: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      statuses.push((await ask(door, `${prefixes[door]}${String(n).padStart(40, 'x')}`)).status);
    }
    const throttled = statuses.slice(WRONG_KEYS_MAX);
    expect(new Set(statuses.slice(0, WRONG_KEYS_MAX))).toEqual(new Set([401]));
    expect(new Set(throttled)).toEqual(new Set([429]));
    const last = await ask(door, 'nonsense');
    expect(last.headers['retry-after']).toBe('60');
    const form = door === 'account' ? { status: 429 } : { error: { code: 'too_many_wrong_keys' } };
    expect(last.body).toMatchObject(form);
  },
);

test('right keys of all three doors go on being served, old ones without a check too', async () => {
  const key = world.addOrganization('org_a');
  const old = world.addKey('org_a', 'test', `dv_test_sk_${'7'.repeat(40)}`);
  const accountKey = world.orb.add('acct_live', 'live');
  for (let n = 0; n <= WRONG_KEYS_MAX; n += 1) await ask('organization', guess(n));
  expect((await ask('organization', guess(0))).status).toBe(429);
  expect((await ask('organization', key)).status).toBe(200);
  expect((await ask('organization', old)).status).toBe(200);
  expect((await ask('operator', OPERATOR_KEY)).status).toBe(200);
  expect([401, 429]).not.toContain((await ask('account', accountKey)).status);
  expect((await ask('organization', guess(0), '203.0.113.10')).status).toBe(401);
});

test('a throttled guess asks no store, and a forged check never does', async () => {
  const key = world.addOrganization('org_a');
  const forged = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
  expect((await ask('organization', forged)).status).toBe(401);
  expect(world.lookUps).toBe(0);
  for (let n = 0; n < WRONG_KEYS_MAX; n += 1) await ask('organization', guess(n));
  const before = world.lookUps;
  for (let n = 0; n < 20; n += 1) await ask('organization', guess(1_000 + n));
  expect(world.lookUps).toBe(before);
});

test('what other gateways counted throttles here too; one address is a /64 of IPv6', async () => {
  world.wrongKeysElsewhere = 1_000;
  expect((await ask('organization', guess(1), '2001:db8::1')).status).toBe(401);
  expect((await ask('organization', guess(2), '2001:db8::ffff:2')).status).toBe(429);
  expect((await ask('organization', guess(3), '2001:db8:0:1::1')).status).toBe(401);
});

test('behind a trusted proxy the address is the one that it names; anybody else names none', async () => {
  await app.close();
  world = new FakeWorld();
  app = await world.start({ trustedProxies: ['10.0.0.0/8'] });
  const from = (remoteAddress: string) =>
    app.inject({
      url: DOORS.organization,
      headers: { 'x-api-key': 'nonsense', 'x-forwarded-for': '198.51.100.1, 203.0.113.7' },
      remoteAddress,
    });
  await from('10.1.2.3');
  await from('192.0.2.1');
  expect(world.wrongKeys.map(({ block }) => block)).toEqual(['203.0.113.7', '192.0.2.1']);
});

test('a revoked key is a wrong one; no key at all is none', async () => {
  const key = world.addOrganization('org_a');
  world.keys.get('ak_org_a')!.isRevoked = true;
  for (let n = 0; n < 60; n += 1) await app.inject({ url: DOORS.organization });
  for (let n = 0; n < WRONG_KEYS_MAX; n += 1) {
    expect((await ask('organization', key)).status).toBe(401);
  }
  expect((await ask('organization', key)).status).toBe(429);
});

test('each wrong key is reported by door and address, never with the key; the first one and the throttle say so', async () => {
  for (let n = 0; n <= WRONG_KEYS_MAX + 1; n += 1) await ask('operator', guess(n));
  expect(JSON.stringify(world.wrongKeys)).not.toContain('dv_live');
  expect(world.wrongKeys).toHaveLength(WRONG_KEYS_MAX + 2);
  const told = world.wrongKeys.filter(({ isFirst }) => isFirst);
  const fact = { door: 'operator', block: '203.0.113.9', isFirst: true };
  expect(told).toEqual([
    { ...fact, isThrottled: false },
    { ...fact, isThrottled: true },
  ]);
});
