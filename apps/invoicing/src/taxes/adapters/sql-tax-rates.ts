import type { Sql } from '@orbit/persistence';
import type { StoredTaxRates } from '../application/ports.js';
import type { TaxRate } from '../domain/tax-rate.js';

/** One row an account: its rates are set as a whole. */
export class SqlTaxRates implements StoredTaxRates {
  constructor(private readonly sql: Sql) {}

  async read(accountId: string): Promise<readonly TaxRate[]> {
    const [row] = await this.sql.$queryRaw<{ rates: readonly TaxRate[] }[]>`
      SELECT rates FROM invoicing.tax_rates WHERE account_id = ${accountId}`;
    return row?.rates ?? [];
  }

  async replace(accountId: string, rates: readonly TaxRate[]): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.tax_rates (account_id, rates, changed_at)
      VALUES (${accountId}, ${JSON.stringify(rates)}::jsonb, now())
      ON CONFLICT (account_id) DO UPDATE SET rates = excluded.rates, changed_at = excluded.changed_at`;
  }
}
