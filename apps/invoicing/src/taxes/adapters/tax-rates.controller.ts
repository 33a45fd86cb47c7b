import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { TAX_RATES_RPC, type PutTaxRates, type TaxRatesView } from '@orbit/contracts';
import { ServeTaxRates } from '../application/serve-tax-rates.js';

/** Tax rates of accounts, over Nest TCP. */
@Controller()
export class TaxRatesController {
  constructor(private readonly rates: ServeTaxRates) {}

  @MessagePattern(TAX_RATES_RPC.read)
  read(@Payload() { account_id }: { readonly account_id: string }): Promise<TaxRatesView> {
    return this.rates.read(account_id);
  }

  @MessagePattern(TAX_RATES_RPC.put)
  put(@Payload() request: PutTaxRates): Promise<TaxRatesView> {
    return this.rates.put(request);
  }
}
