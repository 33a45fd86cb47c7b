import { adjust, Decimal, parseDecimal, type Adjustment } from '@orbit/pricing';
import { derivedId } from './derived-id.js';
import { printAmount, type InvoiceLine } from './print-line.js';
import { decimalOf, readNumber } from '../../timeline/domain/terms.js';
import { ok, wrong, type Outcome } from './refusals.js';

type Fields = Readonly<Record<string, unknown>>;

/** A line that somebody writes on an invoice. */
export interface LineInput {
  readonly name: string;
  readonly item: { readonly id: string; readonly name: string };
  readonly quantity: Decimal;
  /** Exact. */
  readonly amount: Decimal;
  readonly unitAmount: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The price of a line by its quantity and rate. */
export function unitAmountOf(
  fields: Fields,
  path: string,
): Outcome<Pick<LineInput, 'quantity' | 'amount' | 'unitAmount'>> {
  const quantity = readNumber(fields['quantity']);
  if (!quantity || quantity.isNegative)
    return wrong(`${path}.quantity: must be a number of 0 or more`);
  const config = fields['unit_config'] as { unit_amount: string };
  const rate = parseDecimal(config.unit_amount);
  if (!rate || rate.isNegative) {
    return wrong(`${path}.unit_config.unit_amount: must be a decimal number of 0 or more`);
  }
  return ok({ quantity, unitAmount: config.unit_amount, amount: quantity.times(rate) });
}

/** The only discounts of invoices that are written: off their lines by a part or an amount. */
export function readDiscount(discount: Fields | null): Outcome<Adjustment | null> {
  if (discount === null) return ok(null);
  const common = { id: 'discount', priceIds: new Set<string>() };
  switch (discount['discount_type']) {
    case 'percentage': {
      const fraction = decimalOf(discount['percentage_discount']);
      if (fraction.isNegative || fraction.isAbove(Decimal.ONE)) {
        return wrong('discount.percentage_discount: must be 0 to 1');
      }
      return ok({ ...common, type: 'percentage_discount', fraction });
    }
    case 'amount': {
      const amount = parseDecimal(String(discount['amount_discount']));
      if (!amount || amount.isNegative) {
        return wrong('discount.amount_discount: must be a decimal number of 0 or more');
      }
      return ok({ ...common, type: 'amount_discount', amount });
    }
    default:
      return wrong('discount.discount_type: must be percentage or amount on a one-off invoice');
  }
}

/** Lines as they are printed, after the discount. */
export function writeLines(
  invoiceId: string,
  currency: string,
  inputs: readonly LineInput[],
  discount: Adjustment | null,
  places: number,
  createdAt: Date,
): readonly InvoiceLine[] {
  const adjustable = inputs.map(({ quantity, amount }, index) => ({
    ...{ priceId: String(index), quantity },
    amount: amount.round(places, 'HALF_UP'),
    rateAt: () => amount,
  }));
  const all = new Set(adjustable.map(({ priceId }) => priceId));
  const { lines } = adjust(adjustable, discount ? [{ ...discount, priceIds: all }] : [], places);
  return inputs.map((input, index) => {
    const adjusted = (lines[index]?.amount ?? input.amount).round(places, 'HALF_UP');
    return writeLine(
      derivedId('line', invoiceId, index),
      currency,
      input,
      adjusted,
      discount,
      places,
      createdAt,
    );
  });
}

/** One line, for what it costs before and after a discount. */
export function writeLine(
  id: string,
  currency: string,
  input: LineInput,
  adjusted: Decimal,
  discount: Adjustment | null,
  places: number,
  createdAt: Date,
): InvoiceLine {
  const print = (amount: Decimal): string => printAmount(amount, places);
  const subtotal = input.amount.round(places, 'HALF_UP');
  const effect = adjusted.minus(subtotal);
  const body = {
    id,
    name: input.name,
    price: priceOf(`price_${id.slice('line_'.length)}`, currency, input, createdAt),
    quantity: Number(input.quantity.toString()),
    start_date: new Date(input.startMs).toISOString(),
    end_date: new Date(input.endMs).toISOString(),
    ...{
      grouping: null,
      filter: null,
      usage_customer_ids: null,
      sub_line_items: [],
      tax_amounts: [],
    },
    subtotal: print(subtotal),
    adjusted_subtotal: print(adjusted),
    amount: print(adjusted),
    credits_applied: print(Decimal.ZERO),
    partially_invoiced_amount: print(Decimal.ZERO),
    adjustments: discount && !effect.isZero ? [shownDiscount(discount, print(effect))] : [],
  };
  return { id, chargeKey: null, amount: print(adjusted), tax: '0', body };
}

function shownDiscount(discount: Adjustment, amount: string): Fields {
  const value =
    discount.type === 'percentage_discount'
      ? { percentage_discount: Number(discount.fraction.toString()) }
      : discount.type === 'amount_discount'
        ? { amount_discount: discount.amount.toString() }
        : {};
  return {
    id: discount.id,
    adjustment_type: discount.type,
    ...value,
    amount,
    is_invoice_level: true,
    ...{ filters: [], applies_to_price_ids: [], reason: null, replaces_adjustment_id: null },
  };
}

/** The price object that the contract shows on a line without a catalogue price. */
const priceOf = (id: string, currency: string, input: LineInput, createdAt: Date): Fields => ({
  id,
  name: input.name,
  external_price_id: null,
  replaces_price_id: null,
  model_type: 'unit',
  unit_config: { unit_amount: input.unitAmount },
  price_type: 'fixed_price',
  cadence: 'one_time',
  billing_mode: 'in_arrear',
  billing_cycle_configuration: { duration: 1, duration_unit: 'month' },
  ...{ invoicing_cycle_configuration: null, billable_metric: null, plan_phase_order: null },
  fixed_price_quantity: Number(input.quantity.toString()),
  currency,
  ...{ conversion_rate: null, conversion_rate_config: null, credit_allocation: null },
  item: input.item,
  ...{ composite_price_filters: null, invoice_grouping_key: null },
  metadata: {},
  created_at: createdAt.toISOString(),
  ...{ discount: null, minimum: null, minimum_amount: null, maximum: null, maximum_amount: null },
});

/** A price for one unit such that the line costs what it says. */
export const unitPriceOf = (amount: Decimal, quantity: Decimal): string =>
  quantity.isZero ? amount.toString() : amount.dividedBy(quantity, 12).toString();
