import type { TaxRateView } from '@orbit/contracts';
import { decimal } from '@orbit/pricing';

/** One rate of an account, as its operator set it. */
export interface TaxRate {
  /** ISO 3166, two letters; null: everywhere. */
  readonly country: string | null;
  /** As addresses write it; null: the whole country. */
  readonly state: string | null;
  /** Out of 100. A decimal text. */
  readonly percentage: string;
  readonly description: string;
  /** The prices contain it. */
  readonly inclusive: boolean;
  /** A customer with a tax id of the country pays it itself. */
  readonly reverse_charge: boolean;
  /** Whether each line is rounded, or the sum, which is then split by largest remainder. */
  readonly rounding: 'line' | 'invoice';
}

export type ReadRates =
  { readonly rates: readonly TaxRate[] } | { readonly field: string; readonly fault: string };

/** Rates whose fields their shape has checked, as they are kept. A fault names its field. */
export function readTaxRates(given: readonly TaxRateView[]): ReadRates {
  const alone = given.findIndex(({ country, state }) => isGiven(state) && !isGiven(country));
  if (alone >= 0) return { field: `tax_rates.${alone}.state`, fault: 'goes with a country' };
  return { rates: given.map(rateOf) };
}

const isGiven = (value: string | null | undefined): boolean =>
  value !== null && value !== undefined;

const rateOf = ({ percentage, description, ...more }: TaxRateView): TaxRate => ({
  ...{ country: more.country ?? null, state: more.state ?? null },
  ...{ percentage: decimal(percentage).toString(), description },
  inclusive: more.inclusive ?? false,
  reverse_charge: more.reverse_charge ?? false,
  rounding: more.rounding ?? 'line',
});
