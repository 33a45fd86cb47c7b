import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { invariant, type AccountClock } from '@orbit/kernel';
import { answered, notFound, refused, type Changes } from '@orbit/orb-api';
import type { InvoiceParts } from '../invoice-ports.js';
import { toInvoice } from './invoice-view.js';
import type { Outcome } from '../refusals.js';
import type { BillingCustomer, BillingTransaction } from '../ports.js';

export interface InvoiceFacts {
  readonly parts: InvoiceParts;
  readonly customer: BillingCustomer;
  readonly nowMs: number;
  readonly tx: BillingTransaction;
}

/**
 * Every change of one invoice: under the locks of its customer and itself, decided before anything is written, answered
 * as it then is.
 */
export class ChangeInvoice {
  constructor(
    private readonly changes: Changes<BillingTransaction>,
    private readonly clock: AccountClock,
  ) {}

  /** `change` decides and writes. `shown` looks at the invoice as it then is. */
  async run(
    call: OrbCall,
    invoiceId: string,
    change: (facts: InvoiceFacts) => Promise<Outcome<null>>,
    shown: (parts: InvoiceParts) => OrbAnswer = (parts) => answered(200, toInvoice(parts, true)),
  ): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const nowMs = await this.clock.nowMs(accountId);
    return this.changes.run(call, async (tx) => {
      const known = await tx.invoices.read(accountId, invoiceId);
      if (!known) return refused(notFound('invoice', invoiceId));
      const { subscriptionId, customerId } = known.invoice;
      if (subscriptionId !== null) await tx.subscriptions.lock(accountId, subscriptionId);
      const customer = await tx.customers.lock(accountId, customerId);
      const parts = await tx.invoices.lock(accountId, invoiceId);
      if (!customer || !parts) return refused(notFound('invoice', invoiceId));
      const done = await change({ parts, customer, nowMs, tx });
      if (!done.ok) return refused(done.refusal);
      const after = await tx.invoices.read(accountId, invoiceId);
      invariant(after !== null, 'an invoice that was just changed is there');
      return shown(after);
    });
  }
}
