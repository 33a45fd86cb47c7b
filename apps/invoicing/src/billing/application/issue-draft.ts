import { invariant, newId } from '@orbit/kernel';
import { toInvoice, toInvoiceSummary } from '../domain/invoice-view.js';
import { Decimal, decimal, sumOf } from '@orbit/pricing';
import { addCivil, dateAt } from '../../timeline/domain/civil.js';
import { printAmount, type InvoiceLine } from '../domain/print-line.js';
import { moneyOf } from '../../draws/domain/apply-credits.js';
import type { Invoice } from './invoice-ports.js';
import { placesOf } from '../domain/billed.js';
import { taxLines, type TaxPayer } from '../../taxes/domain/tax-lines.js';
import type { BillingCustomer, BillingTransaction, TaxProvider } from './ports.js';

/** Sums of a document's lines; the total is with tax. */
export function totalsOf(
  lines: readonly InvoiceLine[],
  currency: string,
): Pick<Invoice, 'subtotal' | 'total' | 'amountDue'> {
  const places = placesOf(currency);
  const charged = lines.map(({ amount, tax }) => decimal(amount).plus(decimal(tax)));
  const total = printAmount(sumOf(charged), places);
  const subtotals = lines.map((line) => moneyOf(line, decimal(String(line.body['subtotal']))));
  return { subtotal: printAmount(sumOf(subtotals), places), total, amountDue: total };
}

/**
 * Issues a draft with its final lines: adds tax, takes what the customer has to its credit, then a number. A document
 * of nothing is paid at once.
 */
export async function issueDraft(
  tx: BillingTransaction,
  draft: Invoice,
  customer: BillingCustomer,
  untaxed: readonly InvoiceLine[],
  nowMs: number,
): Promise<Invoice> {
  const lines = await taxed(tx.taxes, draft, customer, untaxed);
  const totals = totalsOf(lines, draft.currency);
  const amountDue = await takeFromBalance(tx, draft, decimal(totals.total), nowMs);
  const isPaid = amountDue.digits <= 0n;
  const { details } = customer;
  const year = Math.min(2999, Math.max(2000, dateAt(nowMs, 'UTC').year));
  const terms = addCivil(nowMs, draft.netTerms, 'days', customer.timezone);
  const dueMs = draft.document.fixedDueMs ?? terms;
  const autoCollection = draft.document.autoCollection ?? customer.autoCollection;
  const issued: Invoice = {
    ...draft,
    ...totals,
    amountDue: printAmount(amountDue, placesOf(draft.currency)),
    stage: 'issued',
    status: isPaid ? 'paid' : 'issued',
    issuedMs: nowMs,
    paidMs: isPaid ? nowMs : null,
    dueMs,
    collectMs: autoCollection && !isPaid ? Math.max(nowMs, dueMs) : null,
    document: {
      ...draft.document,
      autoCollection,
      billingAddress: (details['billing_address'] ?? null) as Record<string, unknown> | null,
      shippingAddress: (details['shipping_address'] ?? null) as Record<string, unknown> | null,
      customerTaxId: (details['tax_id'] ?? null) as Record<string, unknown> | null,
    },
    number: await tx.invoices.takeNumber(draft.accountId, 'invoice', year),
  };
  await tx.invoices.putLines(draft, lines);
  await tx.invoices.save(issued);
  await reportInvoice(tx, issued, 'issued', { automatically_marked_as_paid: isPaid }, nowMs);
  return issued;
}

/** The last step of an issue. Nothing happens when it was issued meanwhile. */
export async function issueDrawn(
  tx: BillingTransaction,
  accountId: string,
  invoiceId: string,
  nowMs: number,
): Promise<void> {
  const known = await tx.invoices.read(accountId, invoiceId);
  if (!known) return;
  const { subscriptionId, customerId } = known.invoice;
  if (subscriptionId !== null) await tx.subscriptions.lock(accountId, subscriptionId);
  const customer = await tx.customers.lock(accountId, customerId);
  const parts = customer && (await tx.invoices.lock(accountId, invoiceId));
  if (!parts || parts.invoice.stage === 'issued') return;
  const { invoice, lines } = parts;
  const isReady = subscriptionId === null || invoice.stage === 'drawn';
  invariant(isReady, 'what is issued was priced and has drawn its credit');
  await issueDraft(tx, invoice, customer, lines, nowMs);
}

/** Lines with the tax of where the customer is. */
export async function taxed(
  taxes: TaxProvider,
  { accountId, currency }: Pick<Invoice, 'accountId' | 'currency'>,
  { details }: Pick<BillingCustomer, 'details'>,
  lines: readonly InvoiceLine[],
): Promise<readonly InvoiceLine[]> {
  const rates = await taxes.read(accountId);
  return rates.length === 0
    ? lines
    : taxLines(lines, rates, details as TaxPayer, placesOf(currency));
}

/** Computes what is left to pay. A customer's debt is put on top. */
async function takeFromBalance(
  tx: BillingTransaction,
  invoice: Invoice,
  total: Decimal,
  nowMs: number,
): Promise<Decimal> {
  const balance = await tx.invoices.balanceOf(invoice.customerId);
  const taken = balance.min(total);
  // Nothing that is to be paid takes nothing; but a debt is asked for with whatever is.
  if (taken.isZero || total.digits <= 0n) return total;
  await changeBalance(tx, invoice, taken.negated(), 'applied_to_invoice', nowMs);
  return total.minus(taken);
}

/** `amount` below 0 takes from the balance. The caller holds the customer's lock. */
export async function changeBalance(
  tx: BillingTransaction,
  of: Pick<Invoice, 'accountId' | 'customerId' | 'currency'> & { readonly id: string | null },
  amount: Decimal,
  action: string,
  nowMs: number,
  more: {
    readonly description?: string | null;
    readonly creditNoteId?: string | null;
    /** Of an amount of 0, which has no sign. */
    readonly type?: 'increment' | 'decrement';
  } = {},
): Promise<string> {
  const places = placesOf(of.currency);
  const starting = await tx.invoices.balanceOf(of.customerId);
  const id = newId('bal', nowMs);
  await tx.invoices.addToBalance({
    id,
    accountId: of.accountId,
    customerId: of.customerId,
    type: more.type ?? (amount.isNegative ? 'decrement' : 'increment'),
    action,
    amount: printAmount(amount.isNegative ? amount.negated() : amount, places),
    startingBalance: printAmount(starting, places),
    endingBalance: printAmount(starting.plus(amount), places),
    description: more.description ?? null,
    invoiceId: of.id,
    creditNoteId: more.creditNoteId ?? null,
    createdAt: new Date(nowMs),
  });
  return id;
}

/** Publishes the present state of an invoice to the receivers of webhooks. */
export async function reportInvoice(
  tx: BillingTransaction,
  { accountId, customerId, id }: Pick<Invoice, 'accountId' | 'customerId' | 'id'>,
  verb:
    | 'issued'
    | 'manually_marked_as_paid'
    | 'manually_marked_as_void'
    | 'payment_processing'
    | 'payment_succeeded'
    | 'payment_failed',
  properties: Readonly<Record<string, unknown>>,
  nowMs: number,
): Promise<void> {
  const parts = await tx.invoices.read(accountId, id);
  if (!parts) return;
  await tx.facts.record({
    ...{ accountId, organizationId: customerId, objectId: id, type: `invoice.${verb}`, properties },
    resources: { invoice: toInvoice(parts, true) },
    standardResources: { invoice: toInvoiceSummary(parts) },
    atMs: nowMs,
  });
}
