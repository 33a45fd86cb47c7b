import { OUTAGE_POLICY_NAMES, type ConfigureWallet } from '@orbit/contracts';
import type { Micros } from '@orbit/money';
import { invalid, readFlag, readMicros } from '../../books/adapters/requests.js';
import type { WalletPolicies } from '../domain/configure.js';

/** A year: longer than any usage is late. */
const GRACE_SECONDS_MAX = 31_536_000;

/** Errors: OrbitError `invalid_field` with the name of the field. */
export function readPolicies(request: ConfigureWallet): WalletPolicies {
  const { overdraft_limit, low_balance_threshold, late_usage_grace_seconds } = request;
  const { settle_late, outage_policy, outage_budget } = request;
  return {
    ...(overdraft_limit === undefined
      ? {}
      : { overdraftMicros: readMicros(overdraft_limit, 'overdraft_limit') }),
    ...(low_balance_threshold === undefined
      ? {}
      : { lowBalanceMicros: readThreshold(low_balance_threshold) }),
    ...(late_usage_grace_seconds === undefined
      ? {}
      : { lateUsageGraceMs: readGrace(late_usage_grace_seconds) * 1000 }),
    ...(settle_late === undefined ? {} : { settlesLate: readFlag(settle_late, 'settle_late') }),
    ...(outage_policy === undefined ? {} : { outagePolicy: readOutagePolicy(outage_policy) }),
    ...(outage_budget === undefined
      ? {}
      : { outageBudgetMicros: readMicros(outage_budget, 'outage_budget') }),
  };
}

const readThreshold = (value: unknown): Micros | null =>
  value === null ? null : readMicros(value, 'low_balance_threshold');

function readGrace(value: unknown): number {
  const isGrace = typeof value === 'number' && Number.isInteger(value);
  if (isGrace && value >= 0 && value <= GRACE_SECONDS_MAX) return value;
  throw invalid(
    'late_usage_grace_seconds',
    `late_usage_grace_seconds is an integer from 0 to ${GRACE_SECONDS_MAX}.`,
  );
}

function readOutagePolicy(value: unknown): (typeof OUTAGE_POLICY_NAMES)[number] {
  const found = OUTAGE_POLICY_NAMES.find((name) => name === value);
  if (found) return found;
  throw invalid('outage_policy', `outage_policy is one of ${OUTAGE_POLICY_NAMES.join(', ')}.`);
}
