import { operation } from '../schema/operation.js';
import {
  flag,
  list,
  nullable,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';

export const TAX_RATES_MAX = 200;
const PERCENTAGE_LENGTH_MAX = 40;

/** One rate. Rates whose country and state are the customer's all count. */
export const TaxRateView = object(
  {
    country: optional(
      nullable(
        text({
          pattern: '^[A-Z]{2}$',
          says: 'is two capital letters of ISO 3166, or null',
          example: 'DE',
          description: 'ISO 3166, two letters; null: everywhere.',
        }),
      ),
    ),
    state: optional(
      nullable(text({ minLength: 1, maxLength: 50, says: 'is 1 to 50 characters, or null' }), {
        example: null,
        description: 'As addresses write it; null: the whole country.',
      }),
    ),
    percentage: text({
      pattern: '^0*(?:100(?:\\.0+)?|\\d{1,2}(?:\\.\\d{1,6}0*)?)$',
      maxLength: PERCENTAGE_LENGTH_MAX,
      says: 'is a decimal string from 0 to 100, with at most six decimals',
      example: '19',
      description: 'Out of 100.',
    }),
    description: text({
      pattern: '\\S',
      maxLength: 100,
      says: 'is 1 to 100 characters',
      example: 'VAT',
    }),
    inclusive: optional(
      flag({ default: false, description: 'Prices contain it; nothing is put on top.' }),
    ),
    reverse_charge: optional(
      flag({
        default: false,
        description:
          'A customer with a tax id of the country is charged nothing and pays it itself.',
      }),
    ),
    rounding: optional(
      oneOf(['line', 'invoice'], {
        default: 'line',
        description: 'Each line is rounded, or the sum, which is then split by largest remainder.',
      }),
    ),
  },
  { title: 'TaxRateModel' },
);
export type TaxRateView = Static<typeof TaxRateView>;

export const TaxRatesView = object({ tax_rates: list(TaxRateView) }, { title: 'TaxRatesModel' });
export type TaxRatesView = Static<typeof TaxRatesView>;

/** As the public sends it. */
const put = {
  tax_rates: list(TaxRateView, {
    maxItems: TAX_RATES_MAX,
    description: `In place of all rates; at most ${TAX_RATES_MAX}.`,
  }),
} as const;
export const PutTaxRatesBody = object(put, { title: 'PutTaxRatesBody' });
export type PutTaxRatesBody = Static<typeof PutTaxRatesBody>;

const account = { account_id: text({ minLength: 1 }) } as const;
export const PutTaxRates = object({ ...account, ...put });
export type PutTaxRates = Static<typeof PutTaxRates>;

/** Rates that the invoices of an account put on their lines. */
export const TAX_RATES = {
  read: operation('tax_rates.read', object(account), TaxRatesView),
  /** In place of all rates of the account. */
  put: operation('tax_rates.put', PutTaxRates, TaxRatesView),
} as const;
