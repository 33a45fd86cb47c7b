import {
  askOrb,
  CREDIT_SALES,
  rpcClient,
  type Client,
  type CreditSaleOpened,
  type CreditSaleState,
  type OrbAnswer,
  type OrbCall,
  type Transport,
} from '@orbit/contracts';
import type { LedgerBlocks } from '../application/block-invoices.js';
import type { CreditSales } from '../application/ports.js';
import type { Purchase } from '../domain/purchase.js';

/** Blocks as wallet-ledger keeps them. Errors: unavailable, timeout. */
export class RpcCreditSales implements CreditSales, LedgerBlocks {
  private readonly sales: Client<typeof CREDIT_SALES>;

  constructor(private readonly ledger: Transport) {
    this.sales = rpcClient(CREDIT_SALES, ledger);
  }

  open({ id, call, source }: Purchase): Promise<CreditSaleOpened> {
    return this.sales.open({ sale_id: id, call, source });
  }

  grant(id: string, expiresAtMs: number | null): Promise<CreditSaleState> {
    const expires_at = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
    return this.sales.grant({ sale_id: id, expires_at });
  }

  cancel(id: string): Promise<CreditSaleState> {
    return this.sales.cancel({ sale_id: id });
  }

  call(operation: string, call: OrbCall): Promise<OrbAnswer> {
    return askOrb(this.ledger, operation, call);
  }
}
