import { OrbitError, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { newId, invariant, type AccountClock } from '@orbit/kernel';
import { decimal } from '@orbit/pricing';
import { placesOf } from '../domain/billed.js';
import type { InvoicePaymentState, PaymentAttempt } from '../domain/invoice.js';
import { against, BILLED_BY_STRIPE, ok, type Outcome, notBuilt } from '../domain/refusals.js';
import { changeBalance, reportInvoice } from './issue-draft.js';
import type { Invoice, InvoiceParts } from './invoice-ports.js';
import type { BillingTransaction, InvoicePayments, BillingRuns } from './ports.js';
import { answered, notFound, refused, type Changes } from '@orbit/orb-api';
import { toInvoice } from '../domain/invoice-view.js';

/**
 * Pays issued invoices by the customer's saved payment method, as somebody asks.
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
        ? await this.runs.run((tx) => beginAttempt(tx, accountId, id, nowMs, false))
        : notBuilt('shared_payment_token_id');
    const state = begun?.ok === true ? await askForPayment(this.payments, begun.value) : null;
    return this.changes.run(call, async (tx) => {
      if (!begun) return refused(notFound('invoice', id));
      if (!begun.ok) return refused(begun.refusal);
      invariant(state, 'a payment that was begun was asked for');
      await endAttempt(tx, begun.value, state, nowMs);
      if (state.status === 'dropped') {
        const detail = 'The customer has no payment method that is saved.';
        return refused({ code: 'constraint_violation', detail });
      }
      const paid = await tx.invoices.read(accountId, id);
      invariant(paid, 'an invoice that was paid is there');
      return answered(200, toInvoice(paid, true));
    });
  }
}

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Days after the first attempt on which an invoice that collects itself is charged again. */
const RETRY_DAYS: readonly number[] = [1, 4, 9];

export interface Begun {
  readonly invoice: Invoice;
  readonly attempt: PaymentAttempt;
}

/**
 * The attempt under way, else a new one. It is written down before anybody is asked for money, and its id is the key of
 * the payment: whoever dies in between asks again and is answered with how the same payment stands. Null: there is no
 * such invoice.
 */
export async function beginAttempt(
  tx: BillingTransaction,
  accountId: string,
  id: string,
  nowMs: number,
  isAutomatic: boolean,
): Promise<Outcome<Begun> | null> {
  const parts = await tx.invoices.lock(accountId, id);
  if (!parts) {
    const known = await tx.invoices.read(accountId, id);
    return known && against(BILLED_BY_STRIPE);
  }
  const { invoice } = parts;
  const open = openOf(parts);
  if (open) return ok({ invoice, attempt: open });
  if (invoice.status !== 'issued') {
    return against(`Only an issued invoice can be paid; this one is ${invoice.status}.`);
  }
  const attempt: PaymentAttempt = {
    id: newId('pay', nowMs),
    amount: invoice.amountDue,
    ...{ status: 'open', paymentIntentId: null, failure: null, isAutomatic },
    createdMs: nowMs,
  };
  await tx.invoices.beginAttempt(id, attempt);
  return ok({ invoice, attempt });
}

const openOf = ({ attempts }: InvoiceParts): PaymentAttempt | undefined =>
  attempts.find(({ status }) => status === 'open');

/** Errors: payment_provider_error, unavailable and timeout while the outcome is unknown. */
export async function askForPayment(
  payments: InvoicePayments,
  { invoice, attempt }: Begun,
): Promise<InvoicePaymentState> {
  const places = placesOf(invoice.currency);
  try {
    return await payments.pay({
      ...{ customerId: invoice.customerId, invoiceId: invoice.id, paymentId: attempt.id },
      description: `Invoice ${invoice.number ?? invoice.id}`,
      amountMinor: Number(decimal(attempt.amount).digitsAt(places)),
      currency: invoice.currency,
    });
  } catch (error) {
    const hasNoMethod = error instanceof OrbitError && error.code === 'payment_method_required';
    if (!hasNoMethod) throw error;
    // A caller that asks gets the refusal; an automatic payment has failed, and may be paid with the next try.
    const status = attempt.isAutomatic ? 'failed' : 'dropped';
    return { status, paymentIntentId: null, failure: error.code };
  }
}

/**
 * Writes down how a payment ended, once, and when the next one is tried. Money beyond what is to be paid goes to the
 * customer's balance.
 */
export async function endAttempt(
  tx: BillingTransaction,
  { invoice: { accountId, customerId, id, subscriptionId }, attempt }: Begun,
  state: InvoicePaymentState,
  nowMs: number,
): Promise<void> {
  if (subscriptionId !== null) await tx.subscriptions.lock(accountId, subscriptionId);
  await tx.customers.lock(accountId, customerId);
  const parts = await tx.invoices.lock(accountId, id);
  const open = parts && openOf(parts);
  if (!parts || open?.id !== attempt.id) return;
  const { invoice } = parts;
  if (state.status === 'open') {
    if (open.paymentIntentId !== null || state.paymentIntentId === null) return;
    await tx.invoices.endAttempt(attempt.id, state);
    const properties = { payment_provider: 'stripe', payment_provider_id: null };
    await reportInvoice(tx, invoice, 'payment_processing', properties, nowMs);
    return;
  }
  await tx.invoices.endAttempt(attempt.id, state);
  if (state.status === 'dropped') return;
  const isPaid = state.status === 'succeeded';
  const isDue = invoice.status === 'issued';
  if (isPaid) {
    const over = decimal(attempt.amount).minus(decimal(isDue ? invoice.amountDue : '0'));
    const times = { paidMs: nowMs, paymentReceivedMs: nowMs, collectMs: null };
    if (isDue) await tx.invoices.save({ ...invoice, status: 'paid', ...times });
    if (over.digits > 0n) await changeBalance(tx, invoice, over, 'external_payment', nowMs);
  } else if (attempt.isAutomatic && isDue) {
    const collectMs = nextAttemptMs(parts.attempts, nowMs);
    await tx.invoices.save({ ...invoice, collectMs });
  }
  const properties = {
    ...{ payment_provider: 'stripe', payment_provider_id: null },
    payment_provider_transaction_id: state.paymentIntentId,
  };
  await reportInvoice(
    tx,
    invoice,
    isPaid ? 'payment_succeeded' : 'payment_failed',
    properties,
    nowMs,
  );
}

/** When the next attempt is made after one that failed; null: all were. `attempts`: with the one that failed. */
function nextAttemptMs(attempts: readonly PaymentAttempt[], nowMs: number): number | null {
  const automatic = attempts.filter(({ isAutomatic }) => isAutomatic);
  const days = RETRY_DAYS[automatic.length - 1];
  const [first] = automatic;
  if (days === undefined || !first) return null;
  // One whose outcome was unknown for long is not repeated at once.
  return Math.max(first.createdMs + days * DAY_MS, nowMs + DAY_MS);
}
