import { Decimal, decimal } from '@orbit/pricing';
import { converted, placesOf } from '../../billing/domain/billed.js';
import {
  moneyOf as moneyLeft,
  printAmount,
  type InvoiceLine,
} from '../../billing/domain/print-line.js';
import { conversionOf, type ContractPrice } from '../../timeline/domain/terms.js';
import type { AppliedCredits } from './draw-plan.js';
import { wholeOf } from './plan-draw.js';

/** The price behind a line. */
export const priceOf = ({ body }: InvoiceLine): ContractPrice => body['price'] as ContractPrice;

/** An amount in the unit of a line's price, converted to the currency of its invoice. */
export const moneyOf = (line: InvoiceLine, amount: Decimal): Decimal =>
  converted(amount, conversionIn(line));

const conversionIn = (line: InvoiceLine): { readonly conversionRate: Decimal | null } => ({
  conversionRate: conversionOf(priceOf(line)),
});

/** The prepaid credit that paid for a line, in the unit of its price. */
export const appliedOf = ({ body }: InvoiceLine): Decimal =>
  decimal(String(body['credits_applied'] ?? '0'));

/** Lines after prepaid credit: what it did not pay is converted to the currency of the invoice. */
export const applyCredits = (
  lines: readonly InvoiceLine[],
  applied: AppliedCredits,
  currency: string,
): readonly InvoiceLine[] =>
  lines.map((line) => {
    const paid = applied.get(line.id);
    if (paid === undefined) return line;
    const credit = decimal(paid);
    const places = placesOf(currency);
    const whole = wholeOf(line);
    const prior = line.prior ?? null;
    const money = moneyLeft(whole, credit, prior, conversionIn(line), places);
    const amount = printAmount(money, places);
    const taken = moneyOf(line, whole.minus(credit)).round(places, 'HALF_UP').minus(money);
    const partially_invoiced_amount = printAmount(taken, places);
    const credits_applied = printAmount(credit, placesOf(String(priceOf(line)['currency'])));
    const body = { ...line.body, credits_applied, partially_invoiced_amount, amount };
    return { ...line, amount, body };
  });
