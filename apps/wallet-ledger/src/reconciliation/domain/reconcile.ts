import { isAllowanceUnit } from '@orbit/allowances';
import type { Wallet } from '../../books/domain/wallet.js';

/** Facts that must always be true of the live books, as the sentence that is reported when one is not. */
export const CHECKS = {
  entries_add_up: 'the entries since the last look add up to the change of the balance',
  entries_without_gaps: 'entries are numbered without gaps',
  balance_is_last_entry: 'the balance is the balance after the last entry',
  blocks_cover_balance: 'the blocks hold the balance and what the overdraft carries',
  allowance_not_negative: 'what a plan includes is not below zero',
  accounts_sum_to_zero: 'the sum over all accounts is zero per currency',
  hot_balance_is_ledger: 'the hot balance is that of the ledger at the same version',
  held_is_sum_of_holds: 'what is held in Redis is the sum of the holds',
} as const;
export type Check = keyof typeof CHECKS;

/** One check of one wallet that failed, with the numbers. */
export interface Breach {
  readonly check: Check;
  readonly expected: string;
  readonly actual: string;
}

/** How far the entries of a wallet have been added up, and what they came to. */
export interface Checkpoint {
  readonly sequence: bigint;
  readonly balanceMicros: bigint;
  /** The debt of the overdraft; null where that was not read. */
  readonly debtMicros: bigint | null;
}

export const NOTHING_CHECKED: Checkpoint = { sequence: 0n, balanceMicros: 0n, debtMicros: 0n };

/** The entries after a checkpoint, up to and with `upTo`, added up by the database. */
export interface EntrySums {
  readonly upTo: bigint;
  readonly count: bigint;
  /** Into the wallet less out of it. */
  readonly deltaMicros: bigint;
  /** Taken by the overdraft, and given back to it. */
  readonly overdrawnMicros: bigint;
  readonly overdraftReturnedMicros: bigint;
  /** New blocks, which repay the overdraft first. */
  readonly newBlocksMicros: bigint;
  /** `balance_after` of entry `upTo`; null when there is no such entry. */
  readonly lastBalanceMicros: bigint | null;
}

export interface BooksVerdict {
  readonly breaches: readonly Breach[];
  /** How far it is proven now; the old one when something is wrong. */
  readonly checkpoint: Checkpoint;
}

/** Checks one wallet with all its blocks that have something left. Pure: the numbers are of one instant. */
export function checkBooks(wallet: Wallet, checkpoint: Checkpoint, sums: EntrySums): BooksVerdict {
  const breaches: Breach[] = [];
  const expect = (check: Check, expected: bigint, actual: bigint | null): void => {
    if (expected !== actual) {
      breaches.push({ check, expected: String(expected), actual: String(actual ?? 'missing') });
    }
  };
  expect('entries_without_gaps', sums.upTo - checkpoint.sequence, sums.count);
  const balanceMicros = checkpoint.balanceMicros + sums.deltaMicros;
  if (sums.upTo > 0n) expect('entries_add_up', balanceMicros, sums.lastBalanceMicros);
  const isComplete = sums.upTo === wallet.sequence;
  let debtMicros: bigint | null = null;
  if (isComplete) {
    const last = sums.upTo === 0n ? 0n : sums.lastBalanceMicros;
    expect('balance_is_last_entry', last ?? balanceMicros, wallet.balanceMicros);
    let leftMicros = 0n;
    for (const block of wallet.blocks) leftMicros += block.remainingMicros;
    debtMicros = leftMicros - wallet.balanceMicros;
    breaches.push(...checkAllowance(wallet));
    breaches.push(...checkDebt(debtMicros, wallet.balanceMicros, checkpoint.debtMicros, sums));
  }
  const next = { sequence: sums.upTo, balanceMicros, debtMicros };
  return { breaches, checkpoint: breaches.length === 0 ? next : checkpoint };
}

/** Units of a plan cannot be owed, unless an operator gave the wallet an overdraft. */
function checkAllowance({ currency, balanceMicros, overdraftMicros }: Wallet): Breach[] {
  const leastMicros = -overdraftMicros;
  if (!isAllowanceUnit(currency) || balanceMicros >= leastMicros) return [];
  const [expected, actual] = [`${leastMicros} or more`, String(balanceMicros)];
  return [{ check: 'allowance_not_negative', expected, actual }];
}

/**
 * The debt of the overdraft follows from the entries, but for how much of it new credit repaid: between nothing and
 * all of that credit. Without new credit it is exact.
 */
function checkDebt(
  debtMicros: bigint,
  balanceMicros: bigint,
  beforeMicros: bigint | null,
  sums: EntrySums,
): Breach[] {
  const found = (expectedDebt: bigint): Breach[] => [
    {
      check: 'blocks_cover_balance',
      expected: String(balanceMicros + expectedDebt),
      actual: String(balanceMicros + debtMicros),
    },
  ];
  if (debtMicros < 0n) return found(0n);
  if (beforeMicros === null) return [];
  const most = beforeMicros + sums.overdrawnMicros;
  const repaid = sums.overdraftReturnedMicros + sums.newBlocksMicros;
  const least = most > repaid ? most - repaid : 0n;
  if (debtMicros > most) return found(most);
  return debtMicros < least ? found(least) : [];
}

/** A hot balance as the ledger wants it or as Redis has it. */
export interface HotNumbers {
  readonly version: bigint;
  readonly postedMicros: bigint;
  readonly overdraftMicros: bigint;
  readonly escrowedMicros: bigint;
  readonly pausedReason: string | null;
  readonly validUntilMs: number | null;
}

/**
 * `equal`; `moving`: one of the two has gone on since the other was read, so nothing can be said;
 * `behind`: Redis has an older version, which ends with the settlement that is on its way; `different`.
 */
export type HotVerdict =
  | { readonly status: 'equal' | 'moving' | 'behind' }
  | { readonly status: 'different'; readonly breach: Breach };

export function checkHot(ledger: HotNumbers, redis: HotNumbers, nowMs: number): HotVerdict {
  if (redis.version > ledger.version) return { status: 'moving' };
  if (redis.version < ledger.version) return { status: 'behind' };
  // A block began or ended since it was written: the hot balance says itself until when it is true.
  if (redis.validUntilMs !== null && redis.validUntilMs <= nowMs) return { status: 'moving' };
  const [expected, actual] = [numbersOf(ledger), numbersOf(redis)];
  if (expected === actual) return { status: 'equal' };
  return { status: 'different', breach: { check: 'hot_balance_is_ledger', expected, actual } };
}

const numbersOf = (hot: HotNumbers): string =>
  `version ${hot.version}: posted ${hot.postedMicros}, overdraft ${hot.overdraftMicros}, ` +
  `escrowed ${hot.escrowedMicros}, paused ${hot.pausedReason ?? 'no'}, until ${hot.validUntilMs ?? 'changed'}`;

export function checkHeld(heldMicros: bigint, sumMicros: bigint): Breach | null {
  if (heldMicros === sumMicros) return null;
  const [expected, actual] = [String(sumMicros), String(heldMicros)];
  return { check: 'held_is_sum_of_holds', expected, actual };
}
