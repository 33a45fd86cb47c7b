import { Decimal, decimal } from '@orbit/pricing';
import { placesOf } from '../../billing/domain/billed.js';
import type { LineUndone } from '../../billing/domain/invoice.js';
import type { InvoiceLine } from '../../billing/domain/print-line.js';
import { appliedOf, moneyOf } from './apply-credits.js';
import { grossOf } from './plan-draw.js';

export const NOTHING_UNDONE: LineUndone = {
  undone: Decimal.ZERO,
  credited: Decimal.ZERO,
  returned: Decimal.ZERO,
};

/**
 * The sums that come back of an issued line that costs `part` less, in the unit of its price: money first, then the
 * prepaid credit that would not have been drawn. `before`: sums taken back already.
 */
export function undoLine(
  line: InvoiceLine,
  before: LineUndone,
  part: Decimal,
  currency: string,
): LineUndone {
  const rest = grossOf(line).minus(before.undone).minus(part);
  const credit = appliedOf(line).minus(before.returned);
  const returned = credit.minus(rest).max(Decimal.ZERO).min(part);
  const paid = decimal(line.amount).minus(before.credited);
  const money = moneyOf(line, part.minus(returned)).round(placesOf(currency), 'HALF_UP');
  // The last part takes what rounding left.
  const isAll = rest.isZero;
  return { undone: part, returned, credited: isAll ? paid : money.min(paid) };
}
