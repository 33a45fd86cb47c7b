import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { answered, notFound, refused, type Changes } from '@orbit/orb-api';
import { toInvoice } from '../../billing/domain/invoice-view.js';
import type { InvoiceParts } from '../../billing/domain/invoice.js';
import type { DocumentTransaction, Payers } from './ports.js';

/**
 * Makes the files of an invoice anew, with the customer's data as they are now. Amounts never change, and earlier prints
 * are kept. Errors: the database's own; refusals are answers.
 */
export class RegenerateDocument {
  constructor(
    private readonly payers: Payers,
    private readonly changes: Changes<DocumentTransaction>,
    private readonly clock: AccountClock,
  ) {}

  invoice(call: OrbCall): Promise<OrbAnswer> {
    return this.run(call, ({ invoice }) =>
      invoice.number === null ? 'is a draft: it has no PDF before it is issued' : null,
    );
  }

  receipt(call: OrbCall): Promise<OrbAnswer> {
    return this.run(call, ({ invoice }) =>
      invoice.status === 'paid' ? null : `is ${invoice.status}: only a paid invoice has a receipt`,
    );
  }

  private async run(
    call: OrbCall,
    whyNot: (parts: InvoiceParts) => string | null,
  ): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const id = call.path['invoice_id'] ?? '';
    const madeAt = new Date(await this.clock.nowMs(accountId));
    return this.changes.run(call, async (tx) => {
      const parts = await tx.lock(accountId, id);
      if (!parts) return refused(notFound('invoice', id));
      const fault = whyNot(parts);
      if (fault !== null) {
        return refused({
          code: 'constraint_violation',
          detail: `invoice_id: invoice ${id} ${fault}.`,
        });
      }
      const payer = await this.payers.read(accountId, parts.invoice.customerId);
      if (payer) await tx.addPrint(id, payer, madeAt);
      return answered(200, toInvoice(parts, true));
    });
  }
}
