import type { Block } from './wallet.js';

const DAY_MS = 86_400_000;
/** A hold lives for a day at most; a ledger that is behind by a week still finds what it pinned. */
export const HOLD_MEMORY_MS = 8 * DAY_MS;

/**
 * Nothing is left of it, and no usage is late enough to bring any of it back. Wallets are loaded and remembered without
 * such blocks; a change that names one reads it. A day more than late usage may draw on it (READ_BLOCKS says the
 * same), so that memory and database decide alike.
 */
export function isForgotten(
  { remainingMicros, expiredMicros, expiresAtMs }: Block,
  graceMs: number,
  nowMs: number,
): boolean {
  if (remainingMicros > 0n) return false;
  if (expiredMicros === 0n) return true;
  return expiresAtMs !== null && expiresAtMs <= nowMs - DAY_MS - Math.max(graceMs, HOLD_MEMORY_MS);
}
