import { Decimal } from '@orbit/pricing';
import type { AdjustedCharge } from './adjust-charges.js';

/** The sums of a charge in documents so far: charged less given back. */
export type BilledByKey = ReadonlyMap<string, Decimal>;

/** The part of a charge that partial invoices took, in the unit of its price. */
export interface PartlyBilled {
  /** Before credit. */
  readonly gross: Decimal;
  /** The part of that which prepaid credit paid. */
  readonly credit: Decimal;
}

/** A charge that stands on the next document: all of it, or what it grew by since it was billed. */
export interface DueLine {
  readonly adjusted: AdjustedCharge;
  readonly amount: Decimal;
  readonly isDifference: boolean;
  /** Taken by partial invoices before; null: nothing. */
  readonly prior: PartlyBilled | null;
}

/** The sum billed for a charge beyond its present cost. */
export interface DueCredit {
  readonly key: string;
  readonly amount: Decimal;
}

export interface BillingDifference {
  readonly lines: readonly DueLine[];
  readonly credits: readonly DueCredit[];
}

/**
 * The sums to bill and to give back so that documents agree with the present cost of charges. Each charge is billed
 * once; later it only differs. `gone`: charges that were billed and exist no more. `partly`: sums that partial
 * invoices took of charges whose own line comes now; too much of it is given back.
 */
export function billingDifference(
  charges: readonly AdjustedCharge[],
  billed: BilledByKey,
  gone: readonly string[],
  partly: ReadonlyMap<string, PartlyBilled> = new Map(),
): BillingDifference {
  const lines: DueLine[] = [];
  const credits: DueCredit[] = [];
  const credit = (key: string, amount: Decimal): void => {
    if (amount.digits > 0n) credits.push({ key, amount });
  };
  for (const adjusted of charges) {
    const { key } = adjusted.rated.charge;
    const before = billed.get(key);
    if (before === undefined) {
      const taken = partly.get(key) ?? null;
      const { amount } = adjusted;
      if (taken) credit(key, taken.gross.minus(amount));
      const prior = taken && atMost(taken, amount.max(Decimal.ZERO));
      lines.push({ adjusted, amount, isDifference: false, prior });
      continue;
    }
    const amount = adjusted.amount.minus(before);
    if (amount.digits > 0n) lines.push({ adjusted, amount, isDifference: true, prior: null });
    else credit(key, amount.negated());
  }
  for (const key of gone) {
    credit(key, billed.get(key) ?? partly.get(key)?.gross ?? Decimal.ZERO);
  }
  return { lines, credits };
}

/** Money is given back before credit is. */
const atMost = ({ gross, credit }: PartlyBilled, most: Decimal): PartlyBilled => ({
  gross: gross.min(most),
  credit: credit.min(most),
});
