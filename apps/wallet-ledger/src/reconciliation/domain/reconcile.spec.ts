// Goal: the live checks say yes to every sound state and no to each unsound one, with the numbers.
import { expect, test } from '@jest/globals';
import { micros } from '@orbit/money';
import {
  checkBooks,
  checkHeld,
  checkHot,
  NOTHING_CHECKED,
  type EntrySums,
  type HotNumbers,
} from './reconcile.js';
import type { Block, Wallet } from '../../books/domain/wallet.js';

const block = (remaining: bigint): Block =>
  ({ sequence: 1n, remainingMicros: micros(remaining) }) as Block;
const wallet = (sequence: bigint, balance: bigint, ...left: bigint[]): Wallet =>
  ({ sequence, balanceMicros: micros(balance), blocks: left.map(block) }) as unknown as Wallet;
const sums = (changes: Partial<EntrySums> & { upTo: bigint }): EntrySums => ({
  count: changes.upTo,
  deltaMicros: 0n,
  overdrawnMicros: 0n,
  overdraftReturnedMicros: 0n,
  newBlocksMicros: 0n,
  lastBalanceMicros: null,
  ...changes,
});
const checksOf = (...input: Parameters<typeof checkBooks>): string[] =>
  checkBooks(...input).breaches.map(({ check }) => check);

test('a wallet without entries holds nothing', () => {
  expect(checksOf(wallet(0n, 0n), NOTHING_CHECKED, sums({ upTo: 0n }))).toEqual([]);
  expect(checksOf(wallet(0n, 5n), NOTHING_CHECKED, sums({ upTo: 0n }))).toEqual([
    'balance_is_last_entry',
    'blocks_cover_balance',
  ]);
});

test('an allowance is not below its overdraft; money may be', () => {
  const at = (currency: string, balance: bigint, overdraft = 0n): string[] =>
    checksOf(
      { ...wallet(0n, 0n), currency, overdraftMicros: overdraft, balanceMicros: balance } as Wallet,
      NOTHING_CHECKED,
      sums({ upTo: 0n }),
    ).filter((check) => check === 'allowance_not_negative');
  for (const unit of ['messages', 'voice_minutes', 'agent_invocations']) {
    expect(at(unit, -1n)).toEqual(['allowance_not_negative']);
    expect(at(unit, -5n, 5n)).toEqual([]);
    expect(at(unit, -6n, 5n)).toEqual(['allowance_not_negative']);
    expect(at(unit, 0n)).toEqual([]);
  }
  expect(at('USD', -1n)).toEqual([]);
  expect(at('credits', -1n)).toEqual([]);
});

test('each number is compared with what it follows from', () => {
  const good = sums({ upTo: 3n, deltaMicros: 70n, newBlocksMicros: 100n, lastBalanceMicros: 70n });
  const verdict = checkBooks(wallet(3n, 70n, 70n), NOTHING_CHECKED, good);
  expect(verdict).toEqual({
    breaches: [],
    checkpoint: { sequence: 3n, balanceMicros: 70n, debtMicros: 0n },
  });
  const bad = (changes: Partial<EntrySums>): string[] =>
    checksOf(wallet(3n, 70n, 70n), NOTHING_CHECKED, { ...good, ...changes });
  expect(bad({ count: 2n })).toEqual(['entries_without_gaps']);
  expect(bad({ deltaMicros: 71n })).toEqual(['entries_add_up']);
  expect(bad({ lastBalanceMicros: null })).toEqual(['entries_add_up']);
  expect(checksOf(wallet(3n, 71n, 71n), NOTHING_CHECKED, good)).toEqual(['balance_is_last_entry']);
  expect(checksOf(wallet(3n, 70n, 69n), NOTHING_CHECKED, good)).toEqual(['blocks_cover_balance']);
  expect(checksOf(wallet(3n, 70n, 71n), NOTHING_CHECKED, good)).toEqual(['blocks_cover_balance']);
});

test('a breach leaves the checkpoint where it was and says both numbers', () => {
  const before = { sequence: 3n, balanceMicros: 70n, debtMicros: 0n };
  const { breaches, checkpoint } = checkBooks(
    wallet(4n, 60n, 60n),
    before,
    sums({ upTo: 4n, count: 1n, deltaMicros: -9n, lastBalanceMicros: 60n }),
  );
  expect(breaches).toEqual([{ check: 'entries_add_up', expected: '61', actual: '60' }]);
  expect(checkpoint).toBe(before);
});

test('what the overdraft carries: exact without new credit, at most all of it repaid with it', () => {
  const before = { sequence: 1n, balanceMicros: 10n, debtMicros: 0n };
  const overdrawn = {
    upTo: 2n,
    count: 1n,
    deltaMicros: -30n,
    overdrawnMicros: 30n,
    lastBalanceMicros: -20n,
  };
  expect(checksOf(wallet(2n, -20n, 10n), before, sums(overdrawn))).toEqual([]);
  expect(checksOf(wallet(2n, -20n, 9n), before, sums(overdrawn))).toEqual(['blocks_cover_balance']);
  const debt = { sequence: 2n, balanceMicros: -20n, debtMicros: 30n };
  const credit = {
    upTo: 3n,
    count: 1n,
    deltaMicros: 50n,
    newBlocksMicros: 50n,
    lastBalanceMicros: 30n,
  };
  expect(checksOf(wallet(3n, 30n, 10n, 20n), debt, sums(credit))).toEqual([]);
  expect(checksOf(wallet(3n, 30n, 10n, 51n), debt, sums(credit))).toEqual(['blocks_cover_balance']);
});

test('a long history is added up in parts: blocks are compared at its end only', () => {
  const part = sums({ upTo: 2n, deltaMicros: 5n, lastBalanceMicros: 5n });
  const { breaches, checkpoint } = checkBooks(wallet(9n, 70n, 70n), NOTHING_CHECKED, part);
  expect(breaches).toEqual([]);
  expect(checkpoint).toEqual({ sequence: 2n, balanceMicros: 5n, debtMicros: null });
});

test('hot balances are compared at equal versions only, and not past the instant that they name', () => {
  const ledger: HotNumbers = {
    version: 5n,
    postedMicros: 100n,
    overdraftMicros: 0n,
    escrowedMicros: 10n,
    pausedReason: null,
    validUntilMs: null,
  };
  const status = (changes: Partial<HotNumbers>): string =>
    checkHot(ledger, { ...ledger, ...changes }, 1_000).status;
  expect(status({})).toBe('equal');
  expect(status({ version: 6n, postedMicros: 1n })).toBe('moving');
  expect(status({ version: 4n, postedMicros: 1n })).toBe('behind');
  expect(status({ postedMicros: 101n })).toBe('different');
  expect(status({ escrowedMicros: 0n })).toBe('different');
  expect(status({ validUntilMs: 1_000, postedMicros: 101n })).toBe('moving');
  expect(status({ validUntilMs: 1_001 })).toBe('different');
});

test('what is held is the sum of the holds', () => {
  expect(checkHeld(5n, 5n)).toBeNull();
  expect(checkHeld(6n, 5n)).toEqual({ check: 'held_is_sum_of_holds', expected: '5', actual: '6' });
});
