import { isWhole, portionOf, portionText, type PriceModel, type RatingTerms } from '../model.js';
import { changed, type Rating } from '../rating.js';

/** The result times the part of the period in which the price was active. */
export function prorated(rating: Rating, { proration }: RatingTerms): Rating {
  if (isWhole(proration)) return rating;
  const amount = portionOf(rating.amount, proration);
  const lines = rating.lines.map((each) => {
    const part = portionOf(each.amount, proration);
    const formula = (): string =>
      `(${each.formula()}) × ${portionText(proration)} = ${part.toString()}`;
    return { ...each, amount: part, formula };
  });
  return {
    ...changed(
      rating,
      amount,
      () => `(${rating.formula()}) × ${portionText(proration)} = ${amount.toString()}`,
    ),
    lines,
  };
}

/** The model as it is, prorated when its configuration says so. */
export const proratedIf = (isProrated: boolean, model: PriceModel): PriceModel =>
  isProrated
    ? { ...model, rate: (usage, terms) => prorated(model.rate(usage, terms), terms) }
    : model;
