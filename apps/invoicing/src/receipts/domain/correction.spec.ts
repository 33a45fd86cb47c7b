// Goal: a receipt shows each cent that left once, as the ledger books it: what was withdrawn is used first
// by what goes back.
import { standingOf, type Correction, type CorrectionState } from './correction.js';

/** Of a payment of 50.00: `[state, cents]` in the order in which they happened. */
function standing(...facts: readonly (readonly [CorrectionState, number])[]) {
  const corrections = facts.map(([state, cents], at): Correction => {
    const kind =
      state === 'amended' || state === 'voided'
        ? 'withdrawal'
        : state === 'lost'
          ? 'dispute'
          : 'refund';
    return {
      ...{ kind, state, correctionId: `c_${at}`, organizationId: 'org_1', topupId: 'tu_1' },
      ...{ amountMicros: BigInt(cents) * 10_000n, unit: 'USD', occurredAtMs: at },
    };
  });
  const { status, refundedMinor, chargedBackMinor, voidedMinor, netMinor } = standingOf(
    { amountMinor: 5_000n, currency: 'USD', credited: { unit: 'USD', micros: 50_000_000n } },
    // They arrive in any order.
    [...corrections].reverse(),
  );
  const back = Number(refundedMinor + chargedBackMinor);
  return [status, back, Number(voidedMinor), Number(netMinor)];
}

test('amended to 30, then 20 back: the 20 that were withdrawn went back, none is withdrawn any more', () => {
  expect(standing(['amended', 2_000], ['completed', 2_000])).toEqual([
    ...['partially_refunded', 2_000, 0, 3_000],
  ]);
});

test('amended to 30, then 15 back: 5 of what was withdrawn stay withdrawn', () => {
  expect(standing(['amended', 2_000], ['completed', 1_500])).toEqual([
    ...['partially_refunded', 1_500, 500, 3_500],
  ]);
});

test('20 back, then amended by 20: both are seen, for the refund took of what was there', () => {
  expect(standing(['completed', 2_000], ['amended', 2_000])).toEqual([
    ...['partially_refunded', 2_000, 2_000, 3_000],
  ]);
});

test('voided, then 50 back or lost: all went back, nothing is withdrawn', () => {
  expect(standing(['voided', 5_000], ['completed', 5_000])).toEqual(['refunded', 5_000, 0, 0]);
  expect(standing(['voided', 5_000], ['lost', 5_000])).toEqual(['charged_back', 5_000, 0, 0]);
});

test('amended to 30, 20 back, amended to 50 again: what is given beyond that is extra', () => {
  expect(standing(['amended', 2_000], ['completed', 2_000], ['amended', -2_000])).toEqual([
    ...['partially_refunded', 2_000, 0, 3_000],
  ]);
});
