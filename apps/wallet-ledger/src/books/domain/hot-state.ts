import { micros, type Micros } from '@orbit/money';
import { isSpendable, pinnedByBlock } from './draw-down.js';
import type { Wallet } from './wallet.js';

/** A wallet at one instant, and until when that stays true by itself. */
export interface PostedState {
  /** Balance without the blocks that have expired or have not begun. */
  readonly postedMicros: Micros;
  readonly validUntilMs: number | null;
  /** The sum that escrows keep: counts in the balance, cannot be spent. */
  readonly escrowedMicros: Micros;
}

/**
 * The balance that reads and authorizations use: expiry is a predicate at spend time, so an expired
 * block counts no more although the sweeper has not booked it yet.
 */
export function postedState(wallet: Wallet, nowMs: number): PostedState {
  let postedMicros: bigint = wallet.balanceMicros;
  let validUntilMs: number | null = null;
  const until = (atMs: number): void => {
    validUntilMs = validUntilMs === null ? atMs : Math.min(validUntilMs, atMs);
  };
  const pinned = pinnedByBlock(wallet.escrows);
  let escrowedMicros = 0n;
  for (const amountMicros of pinned.values()) escrowedMicros += amountMicros;
  for (const block of wallet.blocks) {
    if (block.remainingMicros === 0n) continue;
    // What an escrow keeps of a block does not expire with it.
    if (!isSpendable(block, nowMs)) {
      postedMicros -= block.remainingMicros - (pinned.get(block.sequence) ?? 0n);
    }
    if (block.effectiveAtMs > nowMs) until(block.effectiveAtMs);
    else if (block.expiresAtMs !== null && block.expiresAtMs > nowMs) until(block.expiresAtMs);
  }
  return {
    postedMicros: micros(postedMicros),
    validUntilMs,
    escrowedMicros: micros(escrowedMicros),
  };
}
