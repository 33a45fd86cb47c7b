import { Decimal, parseDecimal } from '@orbit/pricing';

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

export const TAX_RATES_MAX = 200;
const DESCRIPTION_LENGTH_MAX = 100;
const FIELDS = [
  'country',
  'state',
  'percentage',
  'description',
  'inclusive',
  'reverse_charge',
  'rounding',
];

export type ReadRates =
  { readonly rates: readonly TaxRate[] } | { readonly field: string; readonly fault: string };

/** Reads rates that somebody sends. A fault names its field. */
export function readTaxRates(given: unknown): ReadRates {
  if (!Array.isArray(given) || given.length > TAX_RATES_MAX) {
    return { field: 'tax_rates', fault: `must be a list of at most ${String(TAX_RATES_MAX)}` };
  }
  const rates: TaxRate[] = [];
  for (const [index, value] of given.entries()) {
    const read = readRate(value);
    if ('fault' in read) {
      const at = `tax_rates[${String(index)}]`;
      return { field: read.field === '' ? at : `${at}.${read.field}`, fault: read.fault };
    }
    rates.push(read.rate);
  }
  return { rates };
}

function readRate(
  value: unknown,
): { readonly rate: TaxRate } | { readonly field: string; readonly fault: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { field: '', fault: 'must be an object' };
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return { field: unknown, fault: 'is not known' };
  const { country = null, state = null, percentage, description, rounding = 'line' } = fields;
  if (country !== null && (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country))) {
    return { field: 'country', fault: 'must be two capital letters of ISO 3166, or null' };
  }
  const isState = typeof state === 'string' && state.length > 0 && state.length <= 50;
  if (state !== null && (!isState || country === null)) {
    return { field: 'state', fault: 'must be 1 to 50 characters, and goes with a country' };
  }
  const rate = typeof percentage === 'string' ? parseDecimal(percentage) : null;
  if (!rate || rate.isNegative || rate.isAbove(Decimal.of(100)) || rate.scale > 6) {
    return { field: 'percentage', fault: 'must be a decimal string from 0 to 100' };
  }
  const isText = typeof description === 'string' && description.trim() !== '';
  if (!isText || description.length > DESCRIPTION_LENGTH_MAX) {
    return {
      field: 'description',
      fault: `must be 1 to ${String(DESCRIPTION_LENGTH_MAX)} characters`,
    };
  }
  if (rounding !== 'line' && rounding !== 'invoice') {
    return { field: 'rounding', fault: 'must be line or invoice' };
  }
  for (const name of ['inclusive', 'reverse_charge']) {
    if (!['boolean', 'undefined'].includes(typeof fields[name])) {
      return { field: name, fault: 'must be true or false' };
    }
  }
  return {
    rate: {
      ...{ country, state, percentage: rate.toString(), description, rounding },
      inclusive: fields['inclusive'] === true,
      reverse_charge: fields['reverse_charge'] === true,
    },
  };
}
