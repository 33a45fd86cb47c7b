import { allocate } from '@orbit/money';
import { Decimal, decimal, sumOf } from '@orbit/pricing';
import { printAmount, type InvoiceLine } from '../../billing/domain/print-line.js';
import type { TaxRate } from './tax-rate.js';

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a customer that decide its tax. As the contract names them. */
export interface TaxPayer {
  readonly billing_address?: Fields | null;
  readonly shipping_address?: Fields | null;
  readonly tax_id?: Fields | null;
  readonly exempt_from_automated_tax?: boolean | null;
}

type TaxReason = 'taxed' | 'reverse_charge' | 'customer_exempt' | 'zero_rated';

const HUNDRED = Decimal.of(100);

/** Rates of where a customer is: of its shipping address, else of its billing address. */
export function ratesFor(rates: readonly TaxRate[], payer: TaxPayer): readonly TaxRate[] {
  const address = payer.shipping_address ?? payer.billing_address ?? {};
  return rates.filter(
    ({ country, state }) =>
      country === null ||
      (address['country'] === country && (state === null || address['state'] === state)),
  );
}

/**
 * Lines with what each rate takes of them. Tax is put on top of a line, or is in it already. It is rounded HALF_UP to
 * the minor unit, line by line or for the whole document, as its rate says. Lines of 0 and less are taxed like others.
 */
export function taxLines(
  lines: readonly InvoiceLine[],
  rates: readonly TaxRate[],
  payer: TaxPayer,
  places: number,
): readonly InvoiceLine[] {
  const taxed = ratesFor(rates, payer).map((rate) => {
    const reason = reasonOf(rate, payer);
    const amounts =
      reason === 'taxed' ? taxesOf(lines, rate, places) : lines.map(() => Decimal.ZERO);
    return { rate, reason, amounts };
  });
  return lines.map((line, index) => {
    const tax_amounts = taxed.map(({ rate, reason, amounts }) => ({
      tax_rate_description: rate.description,
      tax_rate_percentage: reason === 'taxed' ? rate.percentage : '0',
      amount: printAmount(amounts[index] ?? Decimal.ZERO, places),
      tax_reason: reason,
    }));
    const added = sumOf(
      taxed.flatMap(({ rate, amounts }) =>
        rate.inclusive ? [] : [amounts[index] ?? Decimal.ZERO],
      ),
    );
    return { ...line, tax: printAmount(added, places), body: { ...line.body, tax_amounts } };
  });
}

function reasonOf(
  rate: TaxRate,
  { exempt_from_automated_tax: exempt, tax_id }: TaxPayer,
): TaxReason {
  if (exempt === true) return 'customer_exempt';
  const isOwn = rate.country === null || tax_id?.['country'] === rate.country;
  if (rate.reverse_charge && tax_id && isOwn) return 'reverse_charge';
  return decimal(rate.percentage).isZero ? 'zero_rated' : 'taxed';
}

function taxesOf(
  lines: readonly InvoiceLine[],
  { percentage, inclusive, rounding }: TaxRate,
  places: number,
): readonly Decimal[] {
  const rate = decimal(percentage);
  const divisor = inclusive ? HUNDRED.plus(rate) : HUNDRED;
  const amounts = lines.map(({ amount }) => decimal(amount));
  const taxOf = (amount: Decimal): Decimal => roundedQuotient(amount.times(rate), divisor, places);
  if (rounding === 'line') return amounts.map(taxOf);
  const whole = taxOf(sumOf(amounts));
  const weights = amounts.map((amount) => amount.digitsAt(places));
  // Shares of the sum; where lines take from each other there are none.
  if (whole.isZero || weights.some((weight) => weight < 0n)) return amounts.map(taxOf);
  return allocate(whole.digitsAt(places), weights).map((part) => Decimal.scaled(part, places));
}

/** HALF_UP of the exact quotient: more places than needed first would round twice. */
function roundedQuotient(amount: Decimal, divisor: Decimal, places: number): Decimal {
  const scale = Math.max(amount.scale, divisor.scale, places);
  const numerator = amount.digitsAt(scale) * 10n ** BigInt(places);
  const denominator = divisor.digitsAt(scale);
  const isNegative = numerator < 0n;
  const doubled = (isNegative ? -numerator : numerator) * 2n + denominator;
  const digits = doubled / (denominator * 2n);
  return Decimal.scaled(isNegative ? -digits : digits, places);
}

/** The tax on top of a part of a line: parts one after another take all of it, whatever they are. */
export function taxShare(
  line: Pick<InvoiceLine, 'amount' | 'tax'>,
  before: Decimal,
  amount: Decimal,
  places: number,
): Decimal {
  const whole = decimal(line.amount);
  const tax = decimal(line.tax);
  if (whole.isZero || tax.isZero) return Decimal.ZERO;
  const upTo = (part: Decimal): Decimal => roundedQuotient(tax.times(part), whole, places);
  return upTo(before.plus(amount)).minus(upTo(before));
}
