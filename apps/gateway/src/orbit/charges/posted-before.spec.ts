// Goal: a posted charge is told from another one under the same id, whatever a plan paid of it and however little of it
// was captured: what Redis would say if it had not forgotten it.
import type { BookedCharge, ChargeOutcomeView } from '@orbit/contracts';
import { micros } from '@orbit/money';
import type { ChargeIntent } from '@orbit/spend';
import { readPostedBefore } from './posted-before.js';

/** 6 messages for 0.60. */
const ASKED: ChargeIntent = {
  ...{ organizationId: 'org_1', chargeId: 'c1', amountMicros: micros(600_000n), currency: 'USD' },
  ...{ channel: 'sms', quantity: 6, metadata: { b: '2', a: 1 } },
};
const PRICE = { price_amount: '0.60', price_currency: 'USD' };

function posted(amount: string, currency: string, booked: Partial<BookedCharge>) {
  const outcome: ChargeOutcomeView = {
    ...{ charge_id: 'c1', status: 'posted', reason: null, amount, currency },
    ...{ balance_after: '0.00', sequence: '1', slices: [] },
  };
  const { metadata = {}, ...more } = booked;
  const own = { channel: 'sms', quantity: 6, authorized: amount, is_plan_part: false, ...more };
  return { ...outcome, booked: { ...own, metadata: { a: 1, b: '2', ...metadata } } };
}

test.each([
  ['by the wallet, whole', posted('0.60', 'USD', {}), null],
  ['by the wallet, 0.25 captured of 0.60', posted('0.25', 'USD', { authorized: '0.60' }), null],
  ['by the plan, whole', posted('6', 'messages', { metadata: PRICE }), 6],
  ['by the plan, 2 captured of 6', posted('2', 'messages', { metadata: PRICE }), 6],
  [
    'by both, 5 units and 0.10',
    posted('0.10', 'USD', {
      quantity: 1,
      metadata: { ...PRICE, orbit_allowance: 'messages:5' },
    }),
    5,
  ],
  [
    'by both, 5 units and 0.05 captured of 0.10',
    posted('0.05', 'USD', {
      ...{ quantity: 1, authorized: '0.10' },
      metadata: { ...PRICE, orbit_allowance: 'messages:5' },
    }),
    5,
  ],
  [
    'by both, 3 units captured and no money',
    posted('3', 'messages', {
      ...{ quantity: 5, is_plan_part: true },
      metadata: { ...PRICE, price_amount: '0.50' },
    }),
    5,
  ],
  [
    'by both, and the units fell back on money',
    posted('0.50', 'USD', { quantity: 5, is_plan_part: true }),
    5,
  ],
] as const)('paid %s: its repeat is known, another charge is not', (_how, outcome, covered) => {
  const known = readPostedBefore(ASKED, outcome);
  expect(known).toEqual({
    terms:
      covered === null ? null : { unit: 'messages', covered, quantity: 6, priceMicros: 600_000n },
  });
  for (const other of [
    { amountMicros: micros(610_000n) },
    { amountMicros: micros(6_000_000n) },
    { channel: 'whatsapp' },
    { channel: 'fax' },
    { quantity: 7 },
    { currency: 'EUR' as const },
    { metadata: { a: 1 } },
    { metadata: { a: '1', b: '2' } },
  ]) {
    expect(readPostedBefore({ ...ASKED, ...other }, outcome)).toBeNull();
  }
});
