import { buildInvoice, buildInvoiceLine, buildInvoicePayment } from './build-invoice.js';
import type { Invoice, LineDraft, Subscription } from '../billing/billing-objects.js';
import type { Customer } from '../world/objects.js';
import { invalidRequest } from '../http/stripe-error.js';
import { needLiving } from '../customers/customers.js';
import { createIntent } from '../payments/intents.js';
import type { Work } from '../world/work.js';

/** An invoice of a renewal is a draft for an hour, as with Stripe. */
export const DRAFT_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

export interface NewInvoice {
  readonly reason: Invoice['billing_reason'];
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly drafts: readonly LineDraft[];
  readonly periodStart: number;
  readonly periodEnd: number;
  /** Null: its maker finalizes it at once. */
  readonly finalizesAt: number | null;
}

export async function createInvoice(work: Work, given: NewInvoice): Promise<Invoice> {
  const { subscription } = given;
  const id = work.id('invoice');
  const lines = given.drafts.map((draft) =>
    buildInvoiceLine({
      id: work.ids.next('il_', 24),
      invoice: id,
      subscription: subscription.id,
      currency: subscription.currency,
      draft,
    }),
  );
  const invoice = buildInvoice({
    id,
    created: work.now,
    billingReason: given.reason,
    customer: given.customer,
    subscription,
    lines,
    periodStart: given.periodStart,
    periodEnd: given.periodEnd,
    finalizesAt: given.finalizesAt,
    merchant: work.settings.merchantName,
  });
  await work.tx.insert('invoice', invoice, { intent: null });
  work.emit('invoice.created', invoice);
  if (given.finalizesAt !== null) {
    await work.plan('finalize_invoice', id, given.finalizesAt * 1_000);
  }
  return invoice;
}

/**
 * Makes a draft final: number, page, and the customer's balance counted in. What is left to pay gets a payment
 * intent (`adopted`: one that is paid already, by Checkout). Nothing left: it is paid by that.
 */
export async function finalizeInvoice(
  work: Work,
  draft: Invoice,
  adopted: string | null = null,
): Promise<Invoice> {
  if (draft.status !== 'draft') {
    throw invalidRequest('This invoice is already finalized.', { code: 'invoice_not_editable' });
  }
  await work.tx.dropTask('finalize_invoice', draft.id);
  const customer = await needLiving(work, draft.customer);
  const due = await applyBalance(work, customer, draft);
  const url = `${work.settings.publicUrl}/i/${draft.id}`;
  const open: Invoice = {
    ...draft,
    ...due,
    automatically_finalizes_at: null,
    due_date: await dueDateOf(work, draft),
    effective_at: work.now,
    hosted_invoice_url: url,
    invoice_pdf: `${url}/pdf`,
    number: `${customer.invoice_prefix}-${String(customer.next_invoice_sequence).padStart(4, '0')}`,
    status: 'open',
    status_transitions: { ...draft.status_transitions, finalized_at: work.now },
  };
  const intent = due.amount_due === 0 ? null : (adopted ?? (await intentFor(work, open)));
  await work.tx.save('invoice', open, { intent });
  if (intent !== null) {
    const id = work.id('invoice_payment');
    const payment = buildInvoicePayment({ id, created: work.now, invoice: open, intent });
    await work.tx.insert('invoice_payment', payment, null);
  }
  work.emit('invoice.finalized', open);
  return intent === null ? markPaid(work, open) : open;
}

/** A negative total is kept for the customer; what is kept pays the next invoice. */
async function applyBalance(work: Work, customer: Customer, draft: Invoice) {
  const before = customer.balance;
  const credit = Math.max(0, -before);
  const used = draft.total < 0 ? 0 : Math.min(draft.total, credit);
  const after = draft.total < 0 ? before + draft.total : before + used;
  const due = Math.max(0, draft.total) - used;
  await work.patch('customer', customer, {
    balance: after,
    next_invoice_sequence: customer.next_invoice_sequence + 1,
  });
  return {
    amount_due: due,
    amount_remaining: due,
    starting_balance: before,
    ending_balance: after,
  };
}

async function dueDateOf(work: Work, draft: Invoice): Promise<number | null> {
  if (draft.collection_method === 'charge_automatically') return null;
  const { body } = await work.need('subscription', subscriptionOf(draft));
  return work.now + (body.days_until_due ?? 30) * DAY_SECONDS;
}

async function intentFor(work: Work, invoice: Invoice): Promise<string> {
  const intent = await createIntent(work, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer,
    description: descriptionOf(invoice),
    metadata: {},
    paymentMethod: null,
    receiptEmail: null,
    setupFutureUsage: 'off_session',
    methodTypes: ['card', 'us_bank_account', 'sepa_debit'],
    allowRedirects: null,
    belongsTo: { invoice: invoice.id },
  });
  return intent.id;
}

const descriptionOf = (invoice: Invoice): string =>
  invoice.billing_reason === 'subscription_create'
    ? 'Subscription creation'
    : 'Subscription update';

export const subscriptionOf = (invoice: Invoice): string =>
  invoice.parent.subscription_details.subscription;

/** The money is there, or none was needed. */
export async function markPaid(work: Work, invoice: Invoice): Promise<Invoice> {
  await work.tx.dropTask('retry_invoice', invoice.id);
  const paid = await work.patch('invoice', invoice, {
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: work.now },
  });
  for (const payment of await paymentsOf(work, invoice.id)) {
    const paid = await work.patch('invoice_payment', payment, {
      amount_paid: payment.amount_requested,
      status: 'paid',
      status_transitions: { canceled_at: null, paid_at: work.now },
    });
    work.emit('invoice_payment.paid', paid);
  }
  work.emit('invoice.paid', paid);
  work.emit('invoice.payment_succeeded', paid);
  return paid;
}

/** Newest first; an invoice has one. */
export async function paymentsOf(work: Work, invoice: string) {
  const page = await work.tx.list('invoice_payment', {
    limit: 10,
    startingAfter: undefined,
    endingBefore: undefined,
    created: undefined,
    where: { invoice },
  });
  return page?.data ?? [];
}

/** Gives an open invoice up: nobody will ask for its money again. */
export async function closeInvoice(
  work: Work,
  invoice: Invoice,
  status: 'void' | 'uncollectible',
): Promise<Invoice> {
  if (invoice.status !== 'open' && !(status === 'void' && invoice.status === 'uncollectible')) {
    throw invalidRequest(`You can only pass in open invoices. This invoice is ${invoice.status}.`);
  }
  await work.tx.dropTask('retry_invoice', invoice.id);
  const name = status === 'void' ? 'voided_at' : 'marked_uncollectible_at';
  const closed = await work.patch('invoice', invoice, {
    auto_advance: false,
    next_payment_attempt: null,
    status,
    status_transitions: { ...invoice.status_transitions, [name]: work.now },
  });
  work.emit(status === 'void' ? 'invoice.voided' : 'invoice.marked_uncollectible', closed);
  return closed;
}
