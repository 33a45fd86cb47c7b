// Goal: who is told of money can spend it, and nobody waits for ever. Method: a Redis that hears of a commit after some
// looks, and pauses that are counted instead of waited for.
import { expect, test } from '@jest/globals';
import { micros } from '@orbit/money';
import { CaughtUp } from './caught-up.js';
import type { HotReading } from '../../edge/ports.js';
import { PRINCIPAL } from '../../edge/http/principal.fake.js';

const reading = (version: bigint): HotReading => ({
  postedMicros: micros(5_000_000n),
  escrowedMicros: micros(0n),
  heldMicros: micros(0n),
  version,
  validUntilMs: null,
});

function behindFor(looks: number, then: HotReading | null) {
  let pausedMs = 0;
  let seen = 0;
  const hot = { read: async () => (seen++ < looks ? reading(6n) : then) };
  const caughtUp = new CaughtUp(hot, async (ms) => {
    pausedMs += ms;
  });
  return { read: () => caughtUp.read(PRINCIPAL, { version: '7' }), pausedMs: () => pausedMs };
}

test('what Redis knows already is told at once, also when it is newer than the books that were read', async () => {
  const redis = behindFor(0, reading(8n));
  expect(await redis.read()).toEqual({ ...reading(8n), isBehind: false });
  expect(redis.pausedMs()).toBe(0);
});

test('a Redis that has not heard of the commit yet is asked again after a short pause', async () => {
  const redis = behindFor(2, reading(7n));
  expect(await redis.read()).toEqual({ ...reading(7n), isBehind: false });
  expect(redis.pausedMs()).toBe(7);
});

test('a wallet that Redis does not know is not waited for', async () => {
  const redis = behindFor(0, null);
  expect(await redis.read()).toBeNull();
  expect(redis.pausedMs()).toBe(0);
});

test('a Redis that stays behind is told as behind after 787 ms', async () => {
  const redis = behindFor(Infinity, null);
  expect(await redis.read()).toEqual({ ...reading(6n), isBehind: true });
  expect(redis.pausedMs()).toBe(787);
});
