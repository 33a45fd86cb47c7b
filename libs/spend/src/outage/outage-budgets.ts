import { ZERO_MICROS, micros, type Micros } from '@orbit/money';
import type { LoadedWallet } from '../types.js';

interface Spent {
  micros: bigint;
  lastMs: number;
}

/** A wallet that Redis serves again gets its budget back, but not faster than this. */
const RESET_MS = 60_000;
const SWEEP_SIZE = 1_000;

/**
 * Amounts that this process has authorized per wallet while hot balances could not be trusted. Processes do not talk
 * to each other here, so each may spend its share of the wallet's budget: together never more than the budget, as
 * long as there are no more processes than configured.
 */
export class OutageBudgets {
  private readonly spent = new Map<string, Spent>();

  constructor(private readonly processCount: number) {}

  /** The rest of the share afterwards; null when it does not fit. Zero, unbounded, when the policy is `open`. */
  take(
    walletKey: string,
    { outagePolicy, outageBudgetMicros }: LoadedWallet,
    amountMicros: Micros,
    nowMs: number,
  ): Micros | null {
    if (outagePolicy === 'closed') return null;
    if (outagePolicy === 'open') return ZERO_MICROS;
    const share = outageBudgetMicros / BigInt(this.processCount);
    const entry = this.spent.get(walletKey) ?? { micros: 0n, lastMs: nowMs };
    const left = share - entry.micros - amountMicros;
    if (left < 0n) return null;
    this.spent.set(walletKey, { micros: entry.micros + amountMicros, lastMs: nowMs });
    if (this.spent.size > SWEEP_SIZE) this.dropOld(nowMs);
    return micros(left);
  }

  /** A part of an authorization was not used after all. */
  giveBack(walletKey: string, amountMicros: bigint): void {
    const entry = this.spent.get(walletKey);
    if (entry) entry.micros = entry.micros > amountMicros ? entry.micros - amountMicros : 0n;
  }

  get isInUse(): boolean {
    return this.spent.size > 0;
  }

  /** Redis has authorized for the wallet: the outage is over. */
  end(walletKey: string, nowMs: number): void {
    const entry = this.spent.get(walletKey);
    if (entry && nowMs - entry.lastMs >= RESET_MS) this.spent.delete(walletKey);
  }

  private dropOld(nowMs: number): void {
    for (const [key, { lastMs }] of this.spent) {
      if (nowMs - lastMs >= RESET_MS) this.spent.delete(key);
    }
  }
}
