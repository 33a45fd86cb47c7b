import { Controller } from '@nestjs/common';
import {
  CREDIT_SALES,
  type CreditSaleOpened,
  type CreditSaleState,
  type GrantCreditSale,
  type OpenCreditSale,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { SellCredits } from '../application/sell-credits.js';

/** Blocks that invoicing sells, over Nest TCP. */
@Controller()
export class CreditSalesController {
  constructor(private readonly sales: SellCredits) {}

  @Handles(CREDIT_SALES.open)
  open({ sale_id: id, call, source }: OpenCreditSale): Promise<CreditSaleOpened> {
    return this.sales.open({ id, call, source });
  }

  @Handles(CREDIT_SALES.grant)
  grant({ sale_id: id, expires_at: expiresAt }: GrantCreditSale): Promise<CreditSaleState> {
    return this.sales.grant(id, expiresAt);
  }

  @Handles(CREDIT_SALES.cancel)
  cancel({ sale_id: id }: Pick<GrantCreditSale, 'sale_id'>): Promise<CreditSaleState> {
    return this.sales.cancel(id);
  }
}
