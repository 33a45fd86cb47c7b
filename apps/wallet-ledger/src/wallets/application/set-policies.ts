import { OrbitError, type WalletPoliciesView } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import { formatAmount } from '@orbit/money';
import { configureWallet, type WalletPolicies } from '../domain/configure.js';
import { timesOf } from '../../books/domain/times.js';
import type { Wallet } from '../../books/domain/wallet.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import { noticesOf } from '../../books/application/ledger-events.js';
import type { WalletKey, WalletReader } from '../../books/application/ports.js';

/** An operator's policies of a wallet: overdraft, threshold, lateness, outages. */
export class SetPolicies {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly reader: WalletReader,
    private readonly clock: Clock,
  ) {}

  async read(key: WalletKey): Promise<WalletPoliciesView> {
    const record = await this.reader.find(key);
    if (!record) throw new OrbitError('not_found', 'There is no such wallet.');
    return policiesView(record.wallet);
  }

  /**
   * Safe to repeat. A new threshold above the balance publishes `balance.low`; a repeat after a crash publishes it
   * again under the same id.
   */
  async run(key: WalletKey, policies: WalletPolicies): Promise<WalletPoliciesView> {
    let notices = 0;
    let after: Wallet | null = null;
    await this.changeWallet.change({
      kind: 'change',
      key,
      reference: null,
      fields: { balance_limit: 'overdraft_limit' },
      reads: {},
      apply: (draft) => {
        const outcome = configureWallet(draft, policies);
        if ('refused' in outcome) return { status: 'refused', reason: outcome.refused };
        ({ notices } = outcome);
        after = draft.current;
        return { status: 'changed', entries: [] };
      },
      events: (wallet) => {
        const { walletNo, sequence, balanceMicros } = wallet;
        const threshold = policies.lowBalanceMicros ?? 'none';
        const id = `threshold:${walletNo}:${sequence}:${threshold}`;
        const atMs = timesOf(wallet, this.clock.nowMs()).accountMs;
        return noticesOf(wallet, { notices, id, balanceMicros, sequence, atMs });
      },
    });
    invariant(after, 'a wallet that was configured is there');
    return policiesView(after);
  }
}

function policiesView(wallet: Wallet): WalletPoliciesView {
  const { currency, lowBalanceMicros } = wallet;
  return {
    wallet_id: wallet.walletId,
    organization_id: wallet.organizationId,
    currency,
    overdraft_limit: formatAmount(wallet.overdraftMicros, currency),
    low_balance_threshold:
      lowBalanceMicros === null ? null : formatAmount(lowBalanceMicros, currency),
    late_usage_grace_seconds: Math.floor(wallet.lateUsageGraceMs / 1000),
    settle_late: wallet.allowsLateCapture,
    outage_policy: wallet.outagePolicy,
    outage_budget: formatAmount(wallet.outageBudgetMicros, currency),
  };
}
