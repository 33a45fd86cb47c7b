import { Decimal } from '@orbit/pricing';
import type { AdjustedCharge } from './adjust-charges.js';

/** What documents say of a charge so far: what they charged less what was given back. */
export type BilledByKey = ReadonlyMap<string, Decimal>;

/** A charge that stands on the next document: all of it, or what it grew by since it was billed. */
export interface DueLine {
  readonly adjusted: AdjustedCharge;
  readonly amount: Decimal;
  readonly isDifference: boolean;
}

/** What was billed for a charge beyond what it costs now. */
export interface DueCredit {
  readonly key: string;
  readonly amount: Decimal;
}

export interface Settlement {
  readonly lines: readonly DueLine[];
  readonly credits: readonly DueCredit[];
}

/**
 * What is to be billed and given back so that documents say what charges cost now. Each charge is billed once; later it
 * only differs. `gone`: charges that were billed and are none any more.
 */
export function settle(
  charges: readonly AdjustedCharge[],
  billed: BilledByKey,
  gone: readonly string[],
): Settlement {
  const lines: DueLine[] = [];
  const credits: DueCredit[] = [];
  const credit = (key: string, amount: Decimal): void => {
    if (amount.digits > 0n) credits.push({ key, amount });
  };
  for (const adjusted of charges) {
    const { key } = adjusted.rated.charge;
    const before = billed.get(key);
    if (before === undefined) {
      lines.push({ adjusted, amount: adjusted.amount, isDifference: false });
      continue;
    }
    const amount = adjusted.amount.minus(before);
    if (amount.digits > 0n) lines.push({ adjusted, amount, isDifference: true });
    else credit(key, amount.negated());
  }
  for (const key of gone) credit(key, billed.get(key) ?? Decimal.ZERO);
  return { lines, credits };
}
