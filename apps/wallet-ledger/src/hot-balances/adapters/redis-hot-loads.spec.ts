// Goal: a Redis that hangs is told as away in time for the wallet's outage policy to decide. Method: a Redis that
// never answers, with the clock of the timers in hand.
import { jest } from '@jest/globals';
import { micros } from '@orbit/money';
import { RedisHotLoads, type RedisHotLoadsParts } from './redis-hot-loads.js';

const key = { organizationId: 'org_1', currency: 'USD' } as const;
const permit = { epoch: 'e', nonce: 'n' };
const wallet = { ...key, postedMicros: micros(1n) } as Parameters<RedisHotLoads['load']>[0];
const forever = (): Promise<never> => new Promise(() => undefined);

function loadsWith(hotBalances: object): { loads: RedisHotLoads; warned: () => number } {
  let warnings = 0;
  const parts = {
    redis: { status: 'ready' },
    hotBalances,
    recovery: { isTrusted: () => Promise.resolve(true) },
    confirmOldHolds: { run: () => Promise.resolve() },
    logger: { warn: () => (warnings += 1) },
  } as unknown as RedisHotLoadsParts;
  return { loads: new RedisHotLoads(parts), warned: () => warnings };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('no permit comes from a Redis that does not answer within a second', async () => {
  const { loads, warned } = loadsWith({ permitLoad: forever });
  const answer = loads.permit(key);
  await jest.advanceTimersByTimeAsync(1_000);
  await expect(answer).resolves.toBeNull();
  expect(warned()).toBe(1);
});

test('a wallet whose load is not answered within a second is not loaded', async () => {
  const { loads, warned } = loadsWith({ load: forever });
  const answer = loads.load(wallet, permit);
  await jest.advanceTimersByTimeAsync(1_000);
  await expect(answer).resolves.toBe(false);
  expect(warned()).toBe(1);
});

test('a wallet whose load fails is not loaded', async () => {
  const { loads } = loadsWith({ load: () => Promise.reject(new Error('gone')) });
  await expect(loads.load(wallet, permit)).resolves.toBe(false);
});

test('what answers in time is passed on, and leaves no timer behind', async () => {
  const { loads } = loadsWith({
    permitLoad: () => Promise.resolve(permit),
    load: () => Promise.resolve('loaded'),
  });
  await expect(loads.permit(key)).resolves.toEqual(permit);
  await expect(loads.load(wallet, permit)).resolves.toBe(true);
  expect(jest.getTimerCount()).toBe(0);
});
