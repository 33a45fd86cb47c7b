import type { Micros } from '@orbit/money';
import type { WalletDraft } from '../domain/wallet-draft.js';
import type { Charge, ChargeOutcome, Entry, Wallet } from '../domain/wallet.js';
import type { ChangeContext } from './commands.js';

/** Pays charges without a hold from the expired credit of one wallet, one after the other. */
export interface ExpiredPayer {
  /** Pays its part of this charge; later charges find it gone. */
  take(charge: Charge): Micros;
}

/**
 * The decisions of features about the commands that the ground commits, handed in by the module, so that the ground
 * imports no feature. All pure: a replay decides the same.
 */
export interface LedgerRules {
  /** `isGranted`: Redis had room for `claimedMicros` of the charge. */
  decideCharge(
    draft: WalletDraft,
    charge: Charge,
    isGranted: boolean,
    nowMs: number,
    claimedMicros?: Micros,
  ): ChargeOutcome;
  /** Null when nothing of the wallet has expired lately. */
  expiredPayerOf(wallet: Wallet, nowMs: number): ExpiredPayer | null;
  /** A payment was credited: books the refunds and disputes that came before it. */
  applyParkedClawbacks(draft: WalletDraft, payment: Entry, nowMs: number): readonly Entry[];
  /** The sums taken back of these payments may have changed: their refunds and disputes follow. */
  applyClawbacks(draft: WalletDraft, payments: readonly string[], context: ChangeContext): void;
}
