import type { TaxRate } from '../domain/tax-rate.js';

/** The rates of accounts. Errors: the database's own. */
export interface StoredTaxRates {
  read(accountId: string): Promise<readonly TaxRate[]>;
  /** In place of all that were there. */
  replace(accountId: string, rates: readonly TaxRate[]): Promise<void>;
}
