// Goal: every row of the catalogue is repeated or not as it says, and has the class of its type.
import { expect, test } from '@jest/globals';
import { ERROR_CATALOGUE, type ErrorType } from '@orbit/contracts';
import * as sdk from './index.js';
import { retryAfterMs, waitMs } from './repeats.js';

const CLASSES: Readonly<Record<ErrorType, typeof sdk.OrbitApiError>> = {
  invalid_request_error: sdk.InvalidRequestError,
  authentication_error: sdk.AuthenticationError,
  permission_error: sdk.AuthenticationError,
  not_found_error: sdk.NotFoundError,
  conflict_error: sdk.ConflictError,
  payment_required_error: sdk.PaymentRequiredError,
  rate_limit_error: sdk.RateLimitError,
  unavailable_error: sdk.ServerError,
  internal_error: sdk.ServerError,
};
const TOP_UP = {
  amount: 1,
  currency: 'usd',
  successUrl: 'http://a.test',
  cancelUrl: 'http://b.test',
};

interface Counted {
  readonly orbit: sdk.Orbit;
  readonly keys: (string | undefined)[];
}

function answering(status: number, body: unknown, headers: Record<string, string>): Counted {
  const keys: (string | undefined)[] = [];
  const fetch = (_: URL | string | Request, init?: RequestInit): Promise<Response> => {
    keys.push((init?.headers as Record<string, string>)['Idempotency-Key']);
    return Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
  };
  return { orbit: new sdk.Orbit({ apiKey: 'k', baseUrl: 'http://orbit.test', fetch }), keys };
}

test.each(Object.entries(ERROR_CATALOGUE))(
  '%s is repeated with the same key as the catalogue says, and ends with the class of its type',
  async (code, { status, type, retryable }) => {
    const error = { code, type, message: 'No.', param: 'amount' };
    const meta = { request_id: 'req_1' };
    const { orbit, keys } = answering(status, { error, meta }, { 'retry-after': '0' });
    const failed = orbit.billing.createTopUp(TOP_UP);
    await expect(failed).rejects.toBeInstanceOf(CLASSES[type]);
    await expect(failed).rejects.toMatchObject({ code, type, status, requestId: 'req_1' });
    expect(keys).toHaveLength(retryable ? 4 : 1);
    expect(new Set(keys).size).toBe(1);
  },
);

test.each([
  [408, 4],
  [409, 1],
  [425, 1],
  [429, 4],
  [500, 1],
  [502, 4],
  [503, 4],
  [504, 4],
])('a %i without a code of ours is asked %i times', async (status, count) => {
  const { orbit, keys } = answering(status, { error: 'Bad gateway' }, { 'retry-after': '0' });
  await expect(orbit.billing.getBalance()).rejects.toBeInstanceOf(sdk.OrbitApiError);
  expect(keys).toHaveLength(count);
});

test('a code that is a name of every object is no code of the catalogue', async () => {
  const { orbit } = answering(409, { error: { code: 'constructor', type: 'toString' } }, {});
  await expect(orbit.billing.getBalance()).rejects.toBeInstanceOf(sdk.ConflictError);
});

test('Retry-After counts in seconds, or up to a date of the clock that sent it; else we double', () => {
  const date = 'Mon, 30 Nov 2026 12:00:00 GMT';
  const nowMs = Date.parse('2026-11-30T11:59:30Z');
  expect(retryAfterMs('2', null, nowMs)).toBe(2_000);
  expect(retryAfterMs('0', null, nowMs)).toBe(0);
  expect(retryAfterMs(date, null, nowMs)).toBe(30_000);
  expect(retryAfterMs(date, 'Mon, 30 Nov 2026 11:59:58 GMT', nowMs)).toBe(2_000);
  expect(retryAfterMs('Mon, 30 Nov 2020 12:00:00 GMT', null, nowMs)).toBe(0);
  for (const odd of [null, '', '-5', 'soon', '1e9', 'NaN', '2026']) {
    expect([odd, retryAfterMs(odd, null, nowMs)]).toEqual([odd, odd === '2026' ? 2_026_000 : null]);
  }
  expect(waitMs(0, 2_000)).toBe(2_000);
  expect(waitMs(0, 60_000)).toBe(60_000);
  expect(waitMs(0, 3_600_000)).toBeLessThanOrEqual(250);
  expect(waitMs(20, null)).toBeLessThanOrEqual(8_000);
});
