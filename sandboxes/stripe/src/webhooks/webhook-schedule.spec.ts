import { RETRY_MAX_MS, RETRY_UNTIL_MS, retryDelayMs } from './webhook-schedule.js';

test('retryDelayMs: doubles from half a second to its limit, spread by a fifth either way', () => {
  expect([1, 2, 3, 4].map((attempts) => retryDelayMs(attempts, 0, 0.5))).toEqual([
    500, 1_000, 2_000, 4_000,
  ]);
  expect(retryDelayMs(1, 0, 0)).toBe(400);
  expect(retryDelayMs(500, 0, 0.5)).toBe(RETRY_MAX_MS);
});

test('retryDelayMs: gives up after three days', () => {
  expect(retryDelayMs(9, RETRY_UNTIL_MS - 1, 0.5)).not.toBeNull();
  expect(retryDelayMs(9, RETRY_UNTIL_MS, 0.5)).toBeNull();
});
