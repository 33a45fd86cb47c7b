import { Decimal, decimal } from '@orbit/pricing';
import { converted, placesOf } from '../../billing/domain/billed.js';
import { printAmount, type InvoiceLine } from '../../billing/domain/print-line.js';
import { conversionOf, type ContractPrice } from '../../timeline/domain/terms.js';
import type { AppliedCredits } from './draw-plan.js';
import { grossOf } from './plan-draw.js';

/** The price behind a line. */
export const priceOf = ({ body }: InvoiceLine): ContractPrice => body['price'] as ContractPrice;

/** What an amount in the unit of a line's price is in the currency of its invoice. */
export const moneyOf = (line: InvoiceLine, amount: Decimal): Decimal =>
  converted(amount, { conversionRate: conversionOf(priceOf(line)) });

/** What prepaid credit paid of a line, in the unit of its price. */
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
    const rest = grossOf(line).minus(credit);
    const amount = printAmount(moneyOf(line, rest), placesOf(currency));
    const credits_applied = printAmount(credit, placesOf(String(priceOf(line)['currency'])));
    return { ...line, amount, body: { ...line.body, credits_applied, amount } };
  });
