import type { Wallet } from './wallet.js';

/** One instant, as a wallet's account has it and as it really is. */
export interface Times {
  /** Of what is booked, of blocks, of schedules. */
  readonly accountMs: number;
  /** Of holds, leases and claims. */
  readonly realMs: number;
}

/** Only of wallets whose account's clock stands are the two not the same. */
export const timesOf = ({ standsAtMs }: Pick<Wallet, 'standsAtMs'>, realMs: number): Times => ({
  accountMs: standsAtMs ?? realMs,
  realMs,
});

/** An occurrence this close to the real now counts as now. */
const NOW_MS = 5 * 60_000;

/**
 * When something occurred in the time of a wallet's account. Callers that name no instant mean now, and are given real
 * time on their way here; nothing occurs after the account's now.
 */
export function occurredAtMs(
  occurredMs: number,
  wallet: Pick<Wallet, 'standsAtMs'>,
  realMs: number,
): number {
  const standsAtMs = wallet.standsAtMs ?? null;
  if (standsAtMs === null) return occurredMs;
  return Math.abs(occurredMs - realMs) <= NOW_MS ? standsAtMs : Math.min(occurredMs, standsAtMs);
}
