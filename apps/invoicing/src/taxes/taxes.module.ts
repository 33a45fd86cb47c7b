import type { Provider } from '@nestjs/common';
import type { Sql } from '@orbit/persistence';
import { SqlTaxRates } from './adapters/sql-tax-rates.js';
import { TaxRatesController } from './adapters/tax-rates.controller.js';
import { ServeTaxRates } from './application/serve-tax-rates.js';

export const TAX_CONTROLLERS = [TaxRatesController];

export const taxProviders = (sql: Sql): readonly Provider[] => [
  { provide: ServeTaxRates, useValue: new ServeTaxRates(new SqlTaxRates(sql)) },
];
