import { countRequest } from './request-rate.js';

const rate = { microsPerRequest: 1_000_000, burst: 3 };

test('the burst passes at once, the next one when a request is earned back', () => {
  let idleAtMicros = 0;
  const send = (nowMicros: number) => {
    const counted = countRequest(rate, idleAtMicros, nowMicros);
    ({ idleAtMicros } = counted);
    return counted.state;
  };
  const atOnce = [0, 0, 0, 0].map(send);
  expect(atOnce.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false]);
  expect(atOnce.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
  expect(atOnce[3]).toEqual({
    isAllowed: false,
    limit: 3,
    remaining: 0,
    retryAfterMs: 1_000,
    resetMs: 3_000,
  });
  expect(send(999_999).isAllowed).toBe(false);
  expect(send(1_000_000)).toMatchObject({ isAllowed: true, remaining: 0 });
  expect(send(9_000_000)).toMatchObject({ isAllowed: true, remaining: 2, resetMs: 1_000 });
});
