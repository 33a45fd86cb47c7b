// Goal: a dry run of an adjustment says what the ledger would say.
import { expect, test } from '@jest/globals';
import { foreseeAdjustment } from './wallet.mjs';

const wallet = { posted: 12_500_000n, escrowed: 2_500_000n, row: { overdraft_micros: '1000000' } };

test('wallet adjust --dry-run: more is booked whatever there is', () => {
  expect(foreseeAdjustment(wallet, 5n, false)).toEqual({
    name: 'booked',
    balanceMicros: 12_500_005n,
  });
});

test('wallet adjust --dry-run: less is booked as far as balance and overdraft cover it, and escrows do not keep it', () => {
  expect(foreseeAdjustment(wallet, -11_000_000n, false)).toEqual({
    name: 'booked',
    balanceMicros: 1_500_000n,
  });
  expect(foreseeAdjustment(wallet, -11_000_001n, false)).toEqual({
    name: 'insufficient_funds',
    balanceMicros: 12_500_000n,
  });
});

test('wallet adjust --dry-run: a reference that was booked before books nothing', () => {
  expect(foreseeAdjustment(wallet, -99_000_000n, true)).toEqual({
    name: 'already_booked',
    balanceMicros: 12_500_000n,
  });
});
