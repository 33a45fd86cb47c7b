import type { ConfigureWallet } from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import type { WalletPolicies } from './configure.js';

/** Only what is named changes. */
export function policyTerms(request: ConfigureWallet): WalletPolicies {
  const { overdraft_limit, low_balance_threshold, late_usage_grace_seconds } = request;
  const { settle_late, outage_policy, outage_budget } = request;
  return {
    ...(overdraft_limit !== undefined && { overdraftMicros: requireAmount(overdraft_limit) }),
    ...(low_balance_threshold !== undefined && {
      lowBalanceMicros:
        low_balance_threshold === null ? null : requireAmount(low_balance_threshold),
    }),
    ...(late_usage_grace_seconds !== undefined && {
      lateUsageGraceMs: late_usage_grace_seconds * 1000,
    }),
    ...(settle_late !== undefined && { allowsLateCapture: settle_late }),
    ...(outage_policy !== undefined && { outagePolicy: outage_policy }),
    ...(outage_budget !== undefined && { outageBudgetMicros: requireAmount(outage_budget) }),
  };
}
