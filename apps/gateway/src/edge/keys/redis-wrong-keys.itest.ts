// Goal: gateways throttle an address together, and each alone while Redis is unavailable.
import { createSpendRedis } from '@orbit/spend';
import { eventually, redisServer, uniqueId, type RedisServer } from '@orbit/testing';
import type { Redis } from 'ioredis';
import { RedisWrongKeys } from './redis-wrong-keys.js';
import { WRONG_KEYS_MAX, WrongKeys } from './wrong-keys.js';

const clock = { nowMs: () => Date.parse('2027-01-01T00:00:00Z') };
let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await redisServer();
  redis = createSpendRedis({ url: server.url });
  await eventually(() => redis.ping());
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const gateway = (client = redis): WrongKeys =>
  new WrongKeys(clock, new RedisWrongKeys(client), () => undefined);

test('what two gateways counted of an address throttles at both, of no other, and expires', async () => {
  const [one, other] = [gateway(), gateway()];
  const address = uniqueId('address');
  for (let n = 0; n < WRONG_KEYS_MAX; n += 1) {
    (n % 2 === 0 ? one : other).note(address, 'organization');
  }
  const counted = (): Promise<string | null> => redis.get(`gateway:wrong-keys:${address}`);
  await eventually(async () => expect(await counted()).toBe(String(WRONG_KEYS_MAX)));
  expect([one.isThrottled(address), other.isThrottled(address)]).toEqual([false, false]);
  one.note(address, 'organization');
  await eventually(() => expect(one.isThrottled(address)).toBe(true));
  other.note(address, 'account');
  await eventually(() => expect(other.isThrottled(address)).toBe(true));
  expect(one.isThrottled(uniqueId('address'))).toBe(false);
  const leftMs = await redis.pttl(`gateway:wrong-keys:${address}`);
  expect(leftMs > 0 && leftMs <= 60_000).toBe(true);
});

test('without Redis a gateway counts alone, and waits for nothing', async () => {
  const nowhere = createSpendRedis({ url: 'redis://127.0.0.1:1', commandTimeoutMs: 100 });
  nowhere.on('error', () => undefined);
  const alone = gateway(nowhere);
  const address = uniqueId('address');
  const waits = Array.from({ length: WRONG_KEYS_MAX + 1 }, () => alone.note(address, 'operator'));
  expect(waits.filter((seconds) => seconds > 0)).toEqual([60]);
  expect(await new RedisWrongKeys(nowhere).count(address, 60_000)).toBeNull();
  nowhere.disconnect();
});
