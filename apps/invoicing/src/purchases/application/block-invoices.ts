import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import type { Purchases, SaleInvoices } from './ports.js';

/** Blocks as the ledger answers for them. Errors: unavailable, timeout. */
export interface LedgerBlocks {
  call(operation: string, call: OrbCall): Promise<OrbAnswer>;
}

/** Invoices that paid for a block. Errors: unavailable, timeout, the database's own. */
export class ServeBlockInvoices {
  constructor(
    private readonly ledger: LedgerBlocks,
    private readonly purchases: Purchases,
    private readonly invoices: Pick<SaleInvoices, 'read'>,
  ) {}

  /** Whose block it is. */
  findOwner(call: OrbCall): Promise<OrbAnswer> {
    return this.ledger.call('find-credit-block-owner', call);
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const block = await this.ledger.call('fetch-credit-block', call);
    if (block.status !== 200) return block;
    const purchase = await this.purchases.read(call.path['block_id'] ?? '');
    const { accountId, invoiceId } = purchase ?? { accountId: '', invoiceId: null };
    const parts = invoiceId === null ? null : await this.invoices.read(accountId, invoiceId);
    invariant(block.body, 'a block has a body');
    const invoices = parts
      ? [
          {
            ...{ id: parts.invoice.id, invoice_number: parts.invoice.number ?? 'DRAFT' },
            ...{ status: parts.invoice.status, customer: parts.customer, subscription: null },
          },
        ]
      : [];
    // The block as the ledger wrote it: its numbers have more digits than one reads here.
    return { status: 200, body: `{"block":${block.body},"invoices":${JSON.stringify(invoices)}}` };
  }
}
