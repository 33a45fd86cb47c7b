import { MICROS_MAX } from '@orbit/money';
import { cross } from '../../books/domain/crossing.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import { NOTICES, type ChangeRefusal, type Wallet } from '../../books/domain/wallet.js';

/** The policies of a wallet that an operator sets. */
export type WalletPolicies = Partial<
  Pick<
    Wallet,
    | 'overdraftMicros'
    | 'lowBalanceMicros'
    | 'lateUsageGraceMs'
    | 'allowsLateCapture'
    | 'outagePolicy'
    | 'outageBudgetMicros'
  >
>;

/**
 * Changes the policies that are named; an overdraft that begins or ends may resume or pause a wallet that has run
 * dry. Returns the notices (bits of NOTICES) that follow: a threshold above the balance gives `low`, also when the
 * wallet was low before, because its owner asks for the alert from now on, and once more when a charge comes; a lower
 * threshold may end the alert. Without a threshold nothing is reported.
 */
export function configureWallet(
  draft: WalletDraft,
  policies: WalletPolicies,
): { readonly notices: number } | { readonly refused: ChangeRefusal } {
  const { overdraftMicros, lowBalanceMicros } = policies;
  if (overdraftMicros !== undefined && draft.balance + overdraftMicros > MICROS_MAX) {
    return { refused: 'balance_limit' };
  }
  draft.patch(policies);
  if (overdraftMicros === undefined && lowBalanceMicros === undefined) return { notices: 0 };
  const { settings, balance } = draft;
  const { alertLevel, pausedReason, ...rest } = cross(settings, balance, settings.lowBalanceMicros);
  // A new wallet, which is empty, waits for its first credit without a pause.
  const isNew = draft.nextSequence === 1n;
  const notices = isNew ? rest.notices & ~NOTICES.paused : rest.notices;
  const isLow = typeof lowBalanceMicros === 'bigint' && alertLevel !== 'ok';
  const awaitsSpend = alertLevel !== 'ok' && (isLow || settings.awaitsSpend);
  draft.patch(isNew ? { alertLevel, awaitsSpend } : { alertLevel, pausedReason, awaitsSpend });
  return { notices: isLow ? notices | NOTICES.low : notices };
}
