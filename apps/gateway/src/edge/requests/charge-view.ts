import type { ChargeOutcomeView } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { centsFloor, isCurrency, requireAmount } from '@orbit/money';

/** A decided charge as the API shows it: the exact balance, with its floor in cents beside it. */
export interface DecidedChargeView extends ChargeOutcomeView {
  readonly balance_after_cents: number | null;
}

/** Field by field: an announced and a read outcome then print the same bytes. */
export function decidedChargeView(outcome: ChargeOutcomeView): DecidedChargeView {
  return {
    charge_id: outcome.charge_id,
    status: outcome.status,
    reason: outcome.reason,
    amount: outcome.amount,
    currency: outcome.currency,
    balance_after: outcome.balance_after,
    balance_after_cents: centsAfter(outcome),
    sequence: outcome.sequence,
    slices: outcome.slices,
  };
}

function centsAfter({ balance_after, currency }: ChargeOutcomeView): number | null {
  if (balance_after === null) return null;
  invariant(isCurrency(currency), 'the ledger answers currencies that it knows');
  return Number(centsFloor(requireAmount(balance_after), currency));
}
