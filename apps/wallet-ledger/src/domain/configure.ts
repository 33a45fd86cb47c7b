import { MICROS_MAX } from '@orbit/money';
import { cross } from './crossing.js';
import type { WalletDraft } from './wallet-draft.js';
import { NOTICES, type ChangeRefusal, type Wallet } from './wallet.js';

/** What an operator decides about a wallet. */
export type WalletPolicies = Partial<
  Pick<
    Wallet,
    | 'overdraftMicros'
    | 'lowBalanceMicros'
    | 'lateUsageGraceMs'
    | 'settlesLate'
    | 'outagePolicy'
    | 'outageBudgetMicros'
  >
>;

/**
 * Changes the policies that are named. Answers the notices (bits of NOTICES) that follow: whoever names
 * a threshold above the balance is told `low`, also when the wallet was low before, because they ask to
 * hear of it from now on; a lower threshold may end the alert. Without a threshold nothing is told.
 */
export function configureWallet(
  draft: WalletDraft,
  policies: WalletPolicies,
): { readonly notices: number } | { readonly refused: ChangeRefusal } {
  const { overdraftMicros, lowBalanceMicros } = policies;
  if (overdraftMicros !== undefined && draft.balance + overdraftMicros > MICROS_MAX) {
    return { refused: 'balance_limit' };
  }
  if (lowBalanceMicros === undefined) {
    draft.patch(policies);
    return { notices: 0 };
  }
  const { notices, ...levels } = cross(draft.settings, draft.balance, lowBalanceMicros);
  draft.patch({ ...policies, ...levels });
  const isLow = lowBalanceMicros !== null && levels.alertLevel !== 'ok';
  return { notices: isLow ? notices | NOTICES.low : notices };
}
