import type { Sql } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import { SqlTaxRates } from './adapters/sql-tax-rates.js';
import { TaxRatesController } from './adapters/tax-rates.controller.js';
import { ServeTaxRates } from './application/serve-tax-rates.js';

/** Tax rates of accounts. */
export const taxesFeature = (sql: Sql): Feature => ({
  controllers: [TaxRatesController],
  providers: instances(new ServeTaxRates(new SqlTaxRates(sql))),
});
