import { firstDelayMs, namesType, NO_FAULTS, takeError, type Faults } from './faults.js';

const at = (index: number) => ({ type: 'charge.succeeded', index, count: 3 });

test('firstDelayMs: reordering turns the events of one request round', () => {
  const faults = { ...NO_FAULTS, webhookReorder: true };
  const delays = [0, 1, 2].map((index) => firstDelayMs(faults, at(index), 0));
  expect([...delays].sort((a, b) => b - a)).toEqual(delays);
  expect(new Set(delays).size).toBe(3);
});

test('firstDelayMs: the delay, and a lot on top of it; only for the types that are named', () => {
  const faults = { ...NO_FAULTS, webhookDelayMs: 70, webhookJitterMs: 100 };
  expect(firstDelayMs(faults, at(1), 0.5)).toBe(120);
  expect(firstDelayMs({ ...faults, webhookTypes: ['refund.created'] }, at(1), 0.5)).toBe(0);
  expect(firstDelayMs({ ...faults, webhookTypes: ['charge.*'] }, at(1), 0.5)).toBe(120);
});

test('namesType: by exact name, by * and by group', () => {
  expect(namesType(['charge.refunded'], 'charge.refunded')).toBe(true);
  expect(namesType(['charge.refunded'], 'charge.succeeded')).toBe(false);
  expect(namesType(['*'], 'charge.succeeded')).toBe(true);
  expect(namesType(['charge.*'], 'charge.dispute.created')).toBe(true);
  expect(namesType(['charge.*'], 'charger.made')).toBe(false);
});

test('takeError: strikes the requests that are meant, as often as was asked', () => {
  const nextError = {
    ...{ status: 429, code: null, count: 2, after: false, delayMs: 0 },
    ...{ path: '/v1/refunds', method: 'POST' },
  };
  let faults: Faults = { ...NO_FAULTS, nextError };
  const strike = (method: string, path: string) => {
    const { error, left } = takeError(faults, { method, path });
    faults = left;
    return error?.status ?? null;
  };
  expect([strike('GET', '/v1/refunds'), strike('POST', '/v1/customers')]).toEqual([null, null]);
  expect([1, 2, 3].map(() => strike('POST', '/v1/refunds'))).toEqual([429, 429, null]);
});
