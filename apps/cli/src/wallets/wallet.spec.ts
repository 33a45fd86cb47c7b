// Goal: a dry run of an adjustment says what the ledger would say.
import { expect, test } from '@jest/globals';
import { Context } from '../cli/context.js';
import { runOrbit } from '../cli/program.js';
import { foreseeAdjustment } from './adjust-wallet.js';
import { withHotBalance } from './wallet-reads.js';

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

test('wallet adjust: an amount that no wallet holds is refused with the largest that one does, in a dry run, too', async () => {
  for (const more of [['--dry-run'], ['--yes']]) {
    let said = '';
    const stderr = { write: (text: string) => (said += text) };
    const args = [
      'wallet',
      'adjust',
      'org_1',
      '--amount',
      '-9999999999.5',
      '--reason',
      'x',
      ...more,
    ];
    expect(await runOrbit(args, new Context({ env: {}, stdout: stderr, stderr } as never))).toBe(2);
    expect(said).toContain('at most 9007199254.740992');
  }
});

test('wallet show: a hot balance that was read before the books may be behind them', async () => {
  const row = { ...wallet.row, version: '8', paused_reason: null };
  const hot = { version: 7n, postedMicros: 1n, heldMicros: 0n, availableMicros: 1n };
  const rest = { escrowedMicros: 0n, pausedReason: null, validUntilMs: null };
  const read = { hot: { ...hot, ...rest }, error: null };
  expect(await withHotBalance(read as never, { ...wallet, row } as never)).toMatchObject({
    state: 'behind',
  });
  expect(
    await withHotBalance({ hot: null, error: 'gone' }, { ...wallet, row } as never),
  ).toMatchObject({
    state: 'away',
  });
});
