import { decimal } from '@orbit/pricing';
import { addCivil } from '../../timeline/domain/civil.js';
import { placesOf } from '../domain/billed.js';
import type { OneOffOrder } from '../../purchases/domain/one-off-order.js';
import { writeLines } from '../domain/written-lines.js';
import { emptyDocument } from './advance.js';
import type { Invoice, InvoiceParts } from './invoice-ports.js';
import { issueDraft, reportInvoice, totalsOf } from './issue-draft.js';
import type { BillingCustomer, BillingTransaction } from './ports.js';
import { voidIssued } from './update-invoice.js';

/** Invoices that other rooms raise for what they sell. In their transaction; they hold the customer's lock. */
export class OneOffInvoices {
  constructor(private readonly tx: BillingTransaction) {}

  read(accountId: string, id: string): Promise<InvoiceParts | null> {
    return this.tx.invoices.read(accountId, id);
  }

  /** Issued at once where its day has come; paid at once where that is said. The same order raises one invoice. */
  async raise(order: OneOffOrder, customer: BillingCustomer, nowMs: number): Promise<void> {
    const { tx } = this;
    const currency = customer.currency ?? order.defaultCurrency;
    if (customer.currency === null) await tx.customers.setCurrency(customer.id, currency);
    const places = placesOf(currency);
    const draft = draftOf(order, customer, currency, nowMs);
    const item =
      order.itemId === null
        ? await tx.items.named(order.accountId, order.name, nowMs)
        : await tx.items.read(order.accountId, order.itemId);
    const input = {
      name: item?.name ?? order.name,
      item: item ?? { id: String(order.itemId), name: order.name },
      quantity: order.quantity,
      unitAmount: order.unitAmount,
      amount: order.quantity.times(decimal(order.unitAmount)),
      ...{ startMs: order.invoiceDateMs, endMs: order.invoiceDateMs },
    };
    const lines = writeLines(order.id, currency, [input], null, places, draft.createdAt);
    const invoice: Invoice = { ...draft, position: 0n, ...totalsOf(lines, currency) };
    if (!(await tx.invoices.insert(invoice))) return;
    await tx.invoices.putLines(invoice, lines);
    await tx.invoices.save(invoice);
    if (!order.isPaid && invoice.invoiceDateMs > nowMs) return;
    const issued = await issueDraft(tx, invoice, { ...customer, currency }, lines, nowMs);
    if (!order.isPaid || issued.status !== 'issued') return;
    const paid = { status: 'paid', paidMs: nowMs, paymentReceivedMs: nowMs } as const;
    await tx.invoices.save({ ...issued, ...paid });
    const properties = { external_id: null, notes: null, payment_received_date: null };
    await reportInvoice(tx, issued, 'manually_marked_as_paid', properties, nowMs);
  }

  /** Nothing happens to one that was paid, or is void already. */
  async void(accountId: string, id: string, nowMs: number): Promise<void> {
    const parts = await this.tx.invoices.lock(accountId, id);
    if (parts?.invoice.status === 'issued') await voidIssued(this.tx, parts, nowMs);
  }
}

function draftOf(
  order: OneOffOrder,
  customer: BillingCustomer,
  currency: string,
  nowMs: number,
): Omit<Invoice, 'position'> {
  const { invoiceDateMs, netTerms, fixedDueMs } = order;
  return {
    id: order.id,
    ...{ accountId: order.accountId, customerId: customer.id, subscriptionId: null },
    ...{ source: 'one_off', stage: 'due', status: 'draft', number: null, currency },
    ...{ invoiceDateMs, netTerms, eligibleMs: invoiceDateMs, willAutoIssue: true },
    createdAt: new Date(nowMs),
    dueMs: fixedDueMs ?? addCivil(invoiceDateMs, netTerms, 'days', customer.timezone),
    ...{ issuedMs: null, paidMs: null, paymentReceivedMs: null, voidedMs: null, collectMs: null },
    ...{ subtotal: '0', total: '0', amountDue: '0', hasUsage: false, closed: null, draw: null },
    metadata: {},
    document: { ...emptyDocument(order.memo, order.autoCollection), fixedDueMs },
  };
}
