/** Nest TCP patterns about tax; invoicing answers. */
export const TAX_RATES_RPC = {
  /** {account_id} → TaxRatesView. */
  read: 'tax_rates.read',
  /** PutTaxRates → TaxRatesView. In place of all rates of the account. Errors: invalid_field. */
  put: 'tax_rates.put',
} as const;

export interface PutTaxRates {
  readonly account_id: string;
  /** As TaxRateView, not checked yet. */
  readonly tax_rates: unknown;
}

export interface TaxRateView {
  /** ISO 3166, two letters; null: everywhere. */
  readonly country: string | null;
  readonly state: string | null;
  /** Out of 100. */
  readonly percentage: string;
  readonly description: string;
  /** The prices contain it. */
  readonly inclusive: boolean;
  /** A customer with a tax id of the country pays it itself. */
  readonly reverse_charge: boolean;
  readonly rounding: 'line' | 'invoice';
}

export interface TaxRatesView {
  readonly tax_rates: readonly TaxRateView[];
}
