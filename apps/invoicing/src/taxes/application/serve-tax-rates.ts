import { OrbitError, type PutTaxRates, type TaxRatesView } from '@orbit/contracts';
import { readTaxRates } from '../domain/tax-rate.js';
import type { StoredTaxRates } from './ports.js';

/** Tax rates of an account, set as a whole. Errors: invalid_field, the database's own. */
export class ServeTaxRates {
  constructor(private readonly stored: StoredTaxRates) {}

  async read(accountId: string): Promise<TaxRatesView> {
    return { tax_rates: await this.stored.read(accountId) };
  }

  async put({ account_id, tax_rates }: PutTaxRates): Promise<TaxRatesView> {
    const read = readTaxRates(tax_rates);
    if ('fault' in read) {
      const message = `${read.field} ${read.fault}.`;
      throw new OrbitError('invalid_field', message, { param: read.field });
    }
    await this.stored.replace(account_id, read.rates);
    return this.read(account_id);
  }
}
