import {
  CREDIT_SALES_RPC,
  orbPattern,
  type CreditSaleOpened,
  type CreditSaleState,
  type GrantCreditSale,
  type OpenCreditSale,
  type OrbAnswer,
  type OrbCall,
} from '@orbit/contracts';
import type { RpcClient } from '@orbit/runtime';
import type { LedgerBlocks } from '../application/block-invoices.js';
import type { CreditSales } from '../application/ports.js';
import type { Purchase } from '../domain/purchase.js';

/** Blocks as wallet-ledger keeps them. Errors: unavailable, timeout. */
export class RpcCreditSales implements CreditSales, LedgerBlocks {
  constructor(private readonly ledger: Pick<RpcClient, 'call'>) {}

  open({ id, call, source }: Purchase): Promise<CreditSaleOpened> {
    const request: OpenCreditSale = { sale_id: id, call, source };
    return this.ledger.call<CreditSaleOpened>(CREDIT_SALES_RPC.open, request);
  }

  grant(id: string, expiresAtMs: number | null): Promise<CreditSaleState> {
    const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
    const request: GrantCreditSale = { sale_id: id, expires_at: expiresAt };
    return this.ledger.call<CreditSaleState>(CREDIT_SALES_RPC.grant, request);
  }

  cancel(id: string): Promise<CreditSaleState> {
    return this.ledger.call<CreditSaleState>(CREDIT_SALES_RPC.cancel, { sale_id: id });
  }

  call(operation: string, call: OrbCall): Promise<OrbAnswer> {
    return this.ledger.call<OrbAnswer>(orbPattern(operation), call);
  }
}
