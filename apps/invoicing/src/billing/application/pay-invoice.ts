import { OrbitError, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { invariant, newId, type AccountClock } from '@orbit/kernel';
import { answered, notFound, refused, type Changes } from '@orbit/orb-api';
import { decimal } from '@orbit/pricing';
import { placesOf } from '../domain/billed.js';
import type { InvoicePaymentState, PaymentAttempt } from '../domain/invoice.js';
import { toInvoice } from '../domain/invoice-view.js';
import { against, notBuilt, ok, type Outcome } from '../domain/refusals.js';
import { changeBalance, tellOf } from './issue-draft.js';
import type { Invoice, InvoiceParts } from './invoice-ports.js';
import type { BillingRuns, BillingTransaction, InvoicePayments, OpenPayments } from './ports.js';

interface Begun {
  readonly invoice: Invoice;
  readonly attempt: PaymentAttempt;
}

/**
 * Pays issued invoices by the customer's saved payment method. The attempt is written down first, and its id is the key
 * of the payment: whoever dies in between asks again and is answered with how the same payment stands.
 */
export class PayInvoice {
  constructor(
    private readonly runs: BillingRuns,
    private readonly changes: Changes<BillingTransaction>,
    private readonly payments: InvoicePayments,
    private readonly clock: AccountClock,
  ) {}

  /** Errors: payment_provider_error and unavailable while the outcome is unknown; the database's own. */
  async pay(call: OrbCall): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const id = call.path['invoice_id'] ?? '';
    const nowMs = await this.clock.nowMs(accountId);
    const token = call.body['shared_payment_token_id'] ?? null;
    const begun: Outcome<Begun> | null =
      token === null
        ? await this.runs.run((tx) => begin(tx, accountId, id, nowMs))
        : notBuilt('shared_payment_token_id');
    const state = begun?.ok === true ? await this.ask(begun.value) : null;
    return this.changes.run(call, async (tx) => {
      if (!begun) return refused(notFound('invoice', id));
      if (!begun.ok) return refused(begun.refusal);
      invariant(state, 'a payment that was begun was asked for');
      await settle(tx, begun.value, state, nowMs);
      if (state.status === 'dropped') {
        const detail = 'The customer has no payment method that is saved.';
        return refused({ code: 'constraint_violation', detail });
      }
      const paid = await tx.invoices.read(accountId, id);
      invariant(paid, 'an invoice that was paid is there');
      return answered(200, toInvoice(paid, true));
    });
  }

  /** Looks at payments of which nobody learned the outcome. */
  async recover(open: OpenPayments): Promise<void> {
    for (const { accountId, invoiceId } of await open.list()) {
      const nowMs = await this.clock.nowMs(accountId);
      const parts = await this.runs.run((tx) => tx.invoices.read(accountId, invoiceId));
      const attempt = parts?.attempts.find(({ status }) => status === 'open');
      if (!parts || !attempt) continue;
      const begun = { invoice: parts.invoice, attempt };
      const state = await this.ask(begun);
      await this.runs.run((tx) => settle(tx, begun, state, nowMs));
    }
  }

  private async ask({ invoice, attempt }: Begun): Promise<InvoicePaymentState> {
    const places = placesOf(invoice.currency);
    try {
      return await this.payments.pay({
        ...{ customerId: invoice.customerId, invoiceId: invoice.id, paymentId: attempt.id },
        description: `Invoice ${invoice.number ?? invoice.id}`,
        amountMinor: Number(decimal(attempt.amount).digitsAt(places)),
        currency: invoice.currency,
      });
    } catch (error) {
      const hasNoMethod = error instanceof OrbitError && error.code === 'payment_method_required';
      if (hasNoMethod) return { status: 'dropped', paymentIntentId: null, failure: error.code };
      throw error;
    }
  }
}

/** The attempt under way, else a new one. Null: there is no such invoice. */
async function begin(
  tx: BillingTransaction,
  accountId: string,
  id: string,
  nowMs: number,
): Promise<Outcome<Begun> | null> {
  const parts = await tx.invoices.lock(accountId, id);
  if (!parts) return null;
  const { invoice } = parts;
  const open = openOf(parts);
  if (open) return ok({ invoice, attempt: open });
  if (invoice.status !== 'issued') {
    return against(`Only an issued invoice can be paid; this one is ${invoice.status}.`);
  }
  const attempt: PaymentAttempt = {
    id: newId('pay', nowMs),
    amount: invoice.amountDue,
    ...{ status: 'open', paymentIntentId: null, failure: null },
    createdMs: nowMs,
  };
  await tx.invoices.beginAttempt(id, attempt);
  return ok({ invoice, attempt });
}

const openOf = ({ attempts }: InvoiceParts): PaymentAttempt | undefined =>
  attempts.find(({ status }) => status === 'open');

/** Writes down how a payment ended, once. Money beyond what is to be paid goes to the customer's balance. */
async function settle(
  tx: BillingTransaction,
  { invoice: { accountId, customerId, id, subscriptionId }, attempt }: Begun,
  state: InvoicePaymentState,
  nowMs: number,
): Promise<void> {
  if (state.status === 'open') return;
  if (subscriptionId !== null) await tx.subscriptions.lock(accountId, subscriptionId);
  await tx.customers.lock(accountId, customerId);
  const parts = await tx.invoices.lock(accountId, id);
  if (!parts || openOf(parts)?.id !== attempt.id) return;
  await tx.invoices.endAttempt(attempt.id, state);
  if (state.status === 'dropped') return;
  const { invoice } = parts;
  const isPaid = state.status === 'succeeded';
  if (isPaid) {
    const isDue = invoice.status === 'issued';
    const over = decimal(attempt.amount).minus(decimal(isDue ? invoice.amountDue : '0'));
    const times = { paidMs: nowMs, paymentReceivedMs: nowMs };
    if (isDue) await tx.invoices.save({ ...invoice, status: 'paid', ...times });
    if (over.digits > 0n) await changeBalance(tx, invoice, over, 'external_payment', nowMs);
  }
  const properties = {
    ...{ payment_provider: 'stripe', payment_provider_id: null },
    payment_provider_transaction_id: state.paymentIntentId,
  };
  await tellOf(tx, invoice, isPaid ? 'payment_succeeded' : 'payment_failed', properties, nowMs);
}
