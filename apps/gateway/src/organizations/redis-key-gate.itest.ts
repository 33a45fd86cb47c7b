// Goal: revocation is immediate, the rate is kept, Redis away is told as retryable and mends itself.
import { createSpendRedis } from '@orbit/spend';
import { eventually, redisServer, uniqueId, type RedisServer } from '@orbit/testing';
import type { Redis } from 'ioredis';
import type { Principal } from '../edge/ports.js';
import { ORGANIZATION_TEXT } from './key-owner-text.js';
import { RedisKeyGate, type KeyGateLimits } from './redis-key-gate.js';

/** So slow that a busy machine earns nothing back within a test. */
const REQUESTS_PER_SECOND = 0.01;
const limits: KeyGateLimits = {
  requestsPerSecond: REQUESTS_PER_SECOND,
  burst: 3,
  keyTtlSeconds: 30,
  unknownKeyTtlSeconds: 5,
  revokedKeyTtlSeconds: 120,
};
const principal: Principal = {
  organizationId: 'org_1',
  currency: 'USD',
  keyId: 'ak_1',
  mode: 'live',
  accountMode: 'live',
  scopes: ['read', 'spend'],
  expiresAtMs: 1_900_000_000_000,
};

let server: RedisServer;
let redis: Redis;
let gate: RedisKeyGate;

beforeAll(async () => {
  server = await redisServer();
  redis = createSpendRedis({ url: server.url });
  gate = new RedisKeyGate(redis, limits, ORGANIZATION_TEXT);
  await eventually(() => redis.ping());
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

test('admit: answers what was remembered, and absent before', async () => {
  const hash = uniqueId('hash');
  expect((await gate.admit(hash)).cached).toBe('absent');
  await gate.remember(hash, principal);
  expect((await gate.admit(hash)).cached).toEqual(principal);
});

test('remember: an unknown key is remembered as unknown, for a short time only', async () => {
  const hash = uniqueId('hash');
  await gate.remember(hash, null);
  expect((await gate.admit(hash)).cached).toBe('unknown');
  expect(await redis.ttl(`gateway:{${hash}}:owner`)).toBeLessThanOrEqual(5);
});

test('bar: refuses at once, also when a look-up that began before ends after it', async () => {
  const hash = uniqueId('hash');
  await gate.remember(hash, principal);
  await gate.bar(hash);
  expect((await gate.admit(hash)).cached).toBe('unknown');
  await gate.remember(hash, principal);
  expect((await gate.admit(hash)).cached).toBe('unknown');
});

test('admit: allows the burst, then refuses and says when to come back', async () => {
  const hash = uniqueId('hash');
  const states = [];
  for (let i = 0; i < 4; i++) states.push((await gate.admit(hash)).rate);
  expect(states.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false]);
  expect(states.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
  expect(states[3]!.retryAfterMs).toBeGreaterThan(0);
  expect(states[3]!.retryAfterMs).toBeLessThanOrEqual(1000 / REQUESTS_PER_SECOND);
});

test('admit: two keys do not share a rate, and 200 at once let exactly the burst through', async () => {
  const hash = uniqueId('hash');
  const answers = await Promise.all(Array.from({ length: 200 }, () => gate.admit(hash)));
  expect(answers.filter(({ rate }) => rate.isAllowed)).toHaveLength(3);
  expect((await gate.admit(uniqueId('hash'))).rate.isAllowed).toBe(true);
});

test('admit: requests that ask together share one question, and each has its own place in the rate', async () => {
  const hash = uniqueId('hash');
  const answers = await Promise.all(Array.from({ length: 5 }, () => gate.admit(hash)));
  const rates = answers.map(({ rate }) => rate);
  expect(rates.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false, false]);
  expect(rates.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
  expect(rates.map(({ retryAfterMs }) => retryAfterMs > 0)).toEqual([
    ...[false, false, false],
    ...[true, true],
  ]);
});

test('admit: Redis away is unavailable, and works again by itself when it is back', async () => {
  const hash = uniqueId('hash');
  await server.kill();
  await expect(gate.admit(hash)).rejects.toMatchObject({ code: 'unavailable' });
  await server.restart();
  const { rate } = await eventually(() => gate.admit(hash));
  expect(rate.isAllowed).toBe(true);
});
