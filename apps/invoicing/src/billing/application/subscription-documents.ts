import { decimal, type Decimal } from '@orbit/pricing';
import type { PaidElsewhere } from '../../orb-subscriptions/domain/payment-elsewhere.js';
import { toCreditNote, toInvoice } from '../domain/invoice-view.js';
import { currencyOf } from '../domain/billed.js';
import { advance } from './advance.js';
import type { InvoiceParts } from './invoice-ports.js';
import { changeBalance, reportInvoice } from './issue-draft.js';
import { wouldGiveBack } from './price-draft.js';
import type { BillingCustomer, BillingTransaction, Subscription } from './ports.js';

type Fields = Readonly<Record<string, unknown>>;

const OPEN = { gte: null, gt: null, lt: null, lte: null };
const DOCUMENTS_MAX = 1_000;

/** Documents of one subscription, for the room that changes subscriptions. In its transaction. */
export class SubscriptionDocuments {
  constructor(private readonly tx: BillingTransaction) {}

  advance(subscription: Subscription, customer: BillingCustomer, nowMs: number): Promise<void> {
    return advance(this.tx, subscription, customer, nowMs);
  }

  wouldGiveBack(
    subscription: Subscription,
    _customer: BillingCustomer,
    nowMs: number,
  ): Promise<boolean> {
    return wouldGiveBack(this.tx, subscription, nowMs);
  }

  /** Which documents there are, to compare with later. */
  async mark(accountId: string, subscriptionId: string): Promise<ReadonlyMap<string, string>> {
    const known = await this.all(accountId, subscriptionId);
    return new Map(
      known.flatMap(({ invoice, notes }) => [
        [invoice.id, invoice.status] as const,
        ...notes.map((note) => [note.id, note.voidedAt ? 'void' : 'issued'] as const),
      ]),
    );
  }

  /** `changed_resources` of the contract: documents that came or became void since they were marked. */
  async changedSince(
    accountId: string,
    subscriptionId: string,
    before: ReadonlyMap<string, string>,
  ): Promise<Fields> {
    const all = await this.all(accountId, subscriptionId);
    const notes = all.flatMap((parts) =>
      parts.notes.map((note) => ({ note, shown: toCreditNote(note, parts.customer) })),
    );
    const isVoided = (id: string, isVoid: boolean): boolean =>
      isVoid && before.has(id) && before.get(id) !== 'void';
    return {
      created_invoices: all
        .filter(({ invoice }) => !before.has(invoice.id))
        .map((parts) => ({ ...toInvoice(parts, true), is_payable_now: isPayable(parts) })),
      voided_invoices: all
        .filter(({ invoice }) => isVoided(invoice.id, invoice.status === 'void'))
        .map((parts) => toInvoice(parts, true)),
      created_credit_notes: notes
        .filter(({ note }) => !before.has(note.id))
        .map(({ shown }) => shown),
      voided_credit_notes: notes
        .filter(({ note }) => isVoided(note.id, note.voidedAt !== null))
        .map(({ shown }) => shown),
    };
  }

  /** Whether an invoice for a day after this instant was paid. */
  async hasPaidAfter(accountId: string, subscriptionId: string, ms: number): Promise<boolean> {
    const all = await this.all(accountId, subscriptionId);
    return all.some(
      ({ invoice }) =>
        invoice.status === 'paid' &&
        invoice.invoiceDateMs > ms &&
        decimal(invoice.total).digits > 0n,
    );
  }

  /** Money that was collected elsewhere, for the customer's balance. */
  async credit(
    { accountId, customerId }: Subscription,
    customer: BillingCustomer,
    amount: Decimal,
    description: string | null,
    nowMs: number,
  ): Promise<void> {
    if (amount.isZero) return;
    const of = { accountId, customerId, currency: currencyOf(customer), id: null };
    await changeBalance(this.tx, of, amount, 'manual_adjustment', nowMs, { description });
  }

  /** Marks what is payable of the documents that came as paid; how much that was. */
  async payNew(
    accountId: string,
    subscriptionId: string,
    before: ReadonlyMap<string, string>,
    payment: PaidElsewhere,
    nowMs: number,
  ): Promise<Decimal> {
    let paid = decimal('0');
    for (const parts of await this.all(accountId, subscriptionId)) {
      const { invoice } = parts;
      if (before.has(invoice.id) || !isPayable(parts)) continue;
      paid = paid.plus(decimal(invoice.amountDue));
      const { receivedMs: paymentReceivedMs } = payment;
      await this.tx.invoices.save({ ...invoice, status: 'paid', paidMs: nowMs, paymentReceivedMs });
      const properties = {
        external_id: payment.externalId,
        notes: payment.notes,
        payment_received_date: payment.receivedDate,
      };
      await reportInvoice(this.tx, invoice, 'manually_marked_as_paid', properties, nowMs);
    }
    return paid;
  }

  private all(accountId: string, subscriptionId: string): Promise<readonly InvoiceParts[]> {
    return this.tx.invoices.list({
      ...{ accountId, subscriptionId, limit: DOCUMENTS_MAX, after: null, isRecurring: null },
      ...{ customerId: null, externalCustomerId: null },
      statuses: ['draft', 'issued', 'paid', 'synced', 'void'],
      ...{ invoiceDate: OPEN, dueDate: OPEN, amount: OPEN },
    });
  }
}

const isPayable = ({ invoice }: InvoiceParts): boolean =>
  invoice.status === 'issued' && decimal(invoice.amountDue).digits > 0n;
