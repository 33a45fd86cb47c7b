import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  CREDIT_SALES_RPC,
  type CreditSaleOpened,
  type CreditSaleState,
  type GrantCreditSale,
  type OpenCreditSale,
} from '@orbit/contracts';
import { invalid } from '../../books/adapters/requests.js';
import { SellCredits } from '../application/sell-credits.js';

const SALE_ID = /^blk_[0-9A-Za-z]{10,40}$/;

/** Blocks that invoicing sells, over Nest TCP; CREDIT_SALES_RPC says what it takes. */
@Controller()
export class CreditSalesController {
  constructor(private readonly sales: SellCredits) {}

  @MessagePattern(CREDIT_SALES_RPC.open)
  open({ sale_id: id, call, source }: OpenCreditSale): Promise<CreditSaleOpened> {
    return this.sales.open({ id: readId(id), call, source });
  }

  @MessagePattern(CREDIT_SALES_RPC.grant)
  grant({ sale_id: id, expires_at: expiresAt }: GrantCreditSale): Promise<CreditSaleState> {
    return this.sales.grant(readId(id), expiresAt);
  }

  @MessagePattern(CREDIT_SALES_RPC.cancel)
  cancel({ sale_id: id }: Pick<GrantCreditSale, 'sale_id'>): Promise<CreditSaleState> {
    return this.sales.cancel(readId(id));
  }
}

function readId(value: unknown): string {
  if (typeof value === 'string' && SALE_ID.test(value)) return value;
  throw invalid('sale_id', 'sale_id is the id of a block.');
}
