import { Controller } from '@nestjs/common';
import { TAX_RATES, type PutTaxRates, type TaxRatesView } from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ServeTaxRates } from '../application/serve-tax-rates.js';

/** Tax rates of accounts, over Nest TCP. */
@Controller()
export class TaxRatesController {
  constructor(private readonly rates: ServeTaxRates) {}

  @Handles(TAX_RATES.read)
  read({ account_id }: { readonly account_id: string }): Promise<TaxRatesView> {
    return this.rates.read(account_id);
  }

  @Handles(TAX_RATES.put)
  put(request: PutTaxRates): Promise<TaxRatesView> {
    return this.rates.put(request);
  }
}
