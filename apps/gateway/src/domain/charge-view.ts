import type { ChargeOutcomeView } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { centsFloor, isCurrency, parseAmount } from '@orbit/money';

/** A decided charge as the API shows it: the exact balance, with its floor in cents beside it. */
export interface DecidedChargeView extends ChargeOutcomeView {
  readonly balance_after_cents: number | null;
}

export function decidedChargeView(outcome: ChargeOutcomeView): DecidedChargeView {
  const { balance_after, currency } = outcome;
  if (balance_after === null) return { ...outcome, balance_after_cents: null };
  const balance = parseAmount(balance_after);
  invariant(balance.ok && isCurrency(currency), 'the ledger answers exact amounts of a currency');
  return { ...outcome, balance_after_cents: Number(centsFloor(balance.amountMicros, currency)) };
}
