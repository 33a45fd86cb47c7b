import { Decimal, decimal, type RatedLine } from '@orbit/pricing';
import type { ContractAdjustment, PriceTerms } from '../../timeline/domain/terms.js';
import { converted, placesOf } from './units.js';
import type { DueLine } from './billing-difference.js';

type Fields = Readonly<Record<string, unknown>>;

/** A line of a document. `body` is what the contract shows; its amounts never change once the document is issued. */
export interface InvoiceLine {
  readonly id: string;
  /** Of a subscription's charge; null: a line that somebody wrote. */
  readonly chargeKey: string | null;
  /** Decimal text, in whole minor units. */
  readonly amount: string;
  /** Tax on top of the amount; what the amount contains stands in the body alone. Decimal text. */
  readonly tax: string;
  readonly body: Fields;
  /** The sum that partial invoices took of the charge before, in the unit of its price; absent: nothing. */
  readonly prior?: LinePrior | null;
}

/** Decimal texts: before credit, and what prepaid credit paid of that. */
export interface LinePrior {
  readonly gross: string;
  readonly credit: string;
}

/** Units that are no money have more decimals than anybody wants to read. */
const PADDED_PLACES_MAX = 3;

/** An amount with the decimals of its currency: `9.00`; of other units at least two: `9.00`, `0.000125`. */
export function printAmount(amount: Decimal, places: number): string {
  const text = amount.round(places, 'HALF_UP').toString();
  const [whole = '', part = ''] = text.split('.');
  if (places === 0) return whole;
  return `${whole}.${part.padEnd(places > PADDED_PLACES_MAX ? 2 : places, '0')}`;
}

/** A number of the contract. */
export const numberOf = (value: Decimal): number => Number(value.toString());

/** `places`: of the currency of the invoice. No credit was applied yet. */
export function printLine(id: string, due: DueLine, places: number): InvoiceLine {
  const { adjusted, amount, isDifference } = due;
  const { charge, quantity, lines } = adjusted.rated;
  const { interval } = charge;
  const ownPlaces = placesOf(charge.terms.currency);
  const print = (value: Decimal): string => printAmount(value, ownPlaces);
  const prior = due.prior && {
    gross: due.prior.gross.toString(),
    credit: due.prior.credit.toString(),
  };
  const whole = converted(amount, charge.terms);
  const money = moneyOf(amount, Decimal.ZERO, prior, charge.terms, places);
  const subtotal = isDifference ? amount : adjusted.subtotal;
  const body = {
    id,
    name: interval.price.name,
    price: interval.price,
    quantity: numberOf(quantity),
    start_date: new Date(charge.startMs).toISOString(),
    end_date: new Date(charge.endMs).toISOString(),
    grouping: null,
    filter: interval.filter,
    usage_customer_ids: interval.usageCustomerIds,
    subtotal: print(subtotal),
    adjusted_subtotal: print(amount),
    amount: printAmount(money, places),
    credits_applied: print(Decimal.ZERO),
    partially_invoiced_amount: printAmount(whole.round(places, 'HALF_UP').minus(money), places),
    adjustments: isDifference
      ? []
      : adjusted.effects.map(({ adjustment, amount: effect }) =>
          monetary(adjustment, print(effect)),
        ),
    sub_line_items: isDifference ? [] : lines.flatMap((line) => subLine(line, print)),
    tax_amounts: [],
  };
  const line = { id, chargeKey: charge.key, amount: printAmount(money, places), tax: '0', body };
  return prior ? { ...line, prior } : line;
}

/**
 * The money that a line asks for: the whole period without its prepaid credit, less what partial invoices asked for.
 * Rounded as running sums are, so that all of them together are the period's price to the cent.
 */
export function moneyOf(
  whole: Decimal,
  credit: Decimal,
  prior: LinePrior | null,
  terms: Pick<PriceTerms, 'conversionRate'>,
  places: number,
): Decimal {
  const printed = (amount: Decimal): Decimal => converted(amount, terms).round(places, 'HALF_UP');
  if (!prior) return printed(whole.minus(credit));
  const [gross, paid] = [decimal(prior.gross), decimal(prior.credit)];
  return printed(whole.minus(paid).minus(credit)).minus(printed(gross.minus(paid)));
}

/** As lines show adjustments: with their effect, without the phase. */
function monetary(adjustment: ContractAdjustment, amount: string): Fields {
  const { plan_phase_order: _phase, ...fields } = adjustment;
  return { ...fields, amount };
}

/** Tiers, cells and groups; a price that is one line has none below it. */
function subLine(line: RatedLine, print: (value: Decimal) => string): readonly Fields[] {
  if (line.kind === 'total') return [];
  const common = {
    name: line.name,
    amount: print(line.amount),
    quantity: numberOf(line.quantity),
    grouping: line.grouping,
  };
  if (line.kind === 'matrix' && line.cell) {
    return [{ ...common, type: 'matrix', matrix_config: { dimension_values: line.cell } }];
  }
  if (line.kind !== 'tier' || !line.tier) return [{ ...common, type: 'null' }];
  const { lowerBound, upperBound, unitAmount } = line.tier;
  const tier_config = {
    first_unit: numberOf(lowerBound),
    last_unit: upperBound === null ? null : numberOf(upperBound),
    unit_amount: unitAmount.toString(),
  };
  return [{ ...common, type: 'tier', tier_config }];
}
