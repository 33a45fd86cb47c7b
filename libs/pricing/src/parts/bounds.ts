import type { Decimal } from '../decimal.js';
import { changed, type RatedLine, type Rating } from '../rating.js';

/** At least `minimum`: what is missing is part of the amount, the lines stay as they are. */
export function atLeast(rating: Rating, minimum: Decimal): Rating {
  if (!rating.amount.isBelow(minimum)) return rating;
  return changed(rating, minimum, () => `${rating.formula()}; at least ${minimum.toString()}`);
}

/** One line between two bounds. */
export function lineWithin(each: RatedLine, minimum: Decimal, maximum: Decimal | null): RatedLine {
  const raised = each.amount.max(minimum);
  const amount = maximum === null ? raised : raised.min(maximum);
  if (amount.equals(each.amount)) return each;
  const bound = each.amount.isBelow(amount) ? 'at least' : 'at most';
  return { ...each, amount, formula: () => `${each.formula()}; ${bound} ${amount.toString()}` };
}
