import { invariant, newId } from '@orbit/kernel';
import { priceOf } from '../../draws/domain/apply-credits.js';
import type { CreditToReturn } from '../../draws/domain/draw-plan.js';
import { NOTHING_UNDONE, undoLine } from '../../draws/domain/undo-line.js';
import { Decimal, decimal } from '@orbit/pricing';
import { taxShare } from '../../taxes/domain/tax-lines.js';
import { dateAt } from '../../timeline/domain/civil.js';
import type { LineUndone } from '../domain/invoice.js';
import { printAmount, type InvoiceLine } from '../domain/print-line.js';
import type { DueCredit } from '../domain/billing-difference.js';
import type { BilledLine, Invoice, InvoiceParts } from './invoice-ports.js';
import { changeBalance } from './issue-draft.js';
import { placesOf } from '../domain/billed.js';
import type { BillingTransaction } from './ports.js';

/** The part of a line that is given back, before tax. */
export interface Taken {
  readonly lineId: string;
  readonly amount: Decimal;
}

/** Money that is given back, and the tax on top of it. */
export interface TakenMoney extends Taken {
  readonly tax: Decimal;
}

const withTax = (taken: readonly TakenMoney[]): Decimal =>
  taken.reduce((sum, { amount, tax }) => sum.plus(amount).plus(tax), Decimal.ZERO);

/**
 * Gives back what was billed too much, newest line first. Of what a line cost less, the money comes back first, as if
 * prepaid credit had paid the smaller line: to the customer's balance where the invoice was paid, by a credit note where
 * it was not. Credit beyond that goes back to the blocks that paid. Money of a void invoice was given back already.
 * False: some of it stands on documents that are being issued, and waits for them.
 */
export async function giveBack(
  tx: BillingTransaction,
  accountId: string,
  credits: readonly DueCredit[],
  billed: readonly BilledLine[],
  nowMs: number,
): Promise<boolean> {
  const byInvoice = new Map<string, Taken[]>();
  let isWhole = true;
  for (const { key, amount } of credits) {
    let left = amount;
    for (const line of billed.filter(({ chargeKey }) => chargeKey === key).reverse()) {
      const part = line.left.min(left);
      if (part.digits <= 0n) continue;
      left = left.minus(part);
      if (!line.isIssued) {
        isWhole = false;
        continue;
      }
      const taken = byInvoice.get(line.invoiceId) ?? [];
      byInvoice.set(line.invoiceId, [...taken, { lineId: line.id, amount: part }]);
    }
  }
  for (const [invoiceId, taken] of [...byInvoice].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parts = await tx.invoices.lock(accountId, invoiceId);
    if (parts) await giveBackOf(tx, parts, taken, nowMs);
  }
  return isWhole;
}

/** `taken`: in the units of the lines' prices, before credit. */
async function giveBackOf(
  tx: BillingTransaction,
  parts: InvoiceParts,
  taken: readonly Taken[],
  nowMs: number,
): Promise<void> {
  const { invoice } = parts;
  const undone = await tx.invoices.undoneOf(invoice.id);
  const money: TakenMoney[] = [];
  const places = placesOf(invoice.currency);
  for (const { lineId, amount } of taken) {
    const line = parts.lines.find(({ id }) => id === lineId);
    invariant(line, 'a line that is given back stands on its invoice');
    const before = undone.get(lineId) ?? NOTHING_UNDONE;
    const more = undoLine(line, before, amount, invoice.currency);
    await tx.invoices.undo(lineId, more);
    const tax = taxShare(line, before.credited, more.credited, places);
    if (!more.credited.isZero) money.push({ lineId, amount: more.credited, tax });
    if (more.returned.isZero) continue;
    await tx.invoices.returnCredit(invoice.accountId, creditOf(invoice, line, more, nowMs), nowMs);
  }
  const total = withTax(money);
  if (invoice.status === 'void' || total.isZero) return;
  if (invoice.status === 'paid') {
    await changeBalance(tx, invoice, total, 'prorated_refund', nowMs);
    return;
  }
  await writeNote(tx, parts, money, { reason: 'Order change', memo: null }, nowMs);
}

const creditOf = (
  { id: documentId, customerId }: Invoice,
  line: InvoiceLine,
  { returned }: LineUndone,
  nowMs: number,
): CreditToReturn => ({
  id: newId('ret', nowMs),
  ...{ customerId, documentId, lineId: line.id },
  currency: String(priceOf(line)['currency']),
  amount: returned.toString(),
});

/**
 * Writes a credit note over lines and takes it off what is to be paid; of a paid invoice, and beyond what is to be
 * paid, it goes to the customer's balance. The caller has marked the lines.
 */
export async function writeNote(
  tx: BillingTransaction,
  { invoice, lines }: InvoiceParts,
  taken: readonly TakenMoney[],
  { reason, memo }: { readonly reason: string; readonly memo: string | null },
  nowMs: number,
): Promise<string> {
  const places = placesOf(invoice.currency);
  const total = withTax(taken);
  const isPaid = invoice.status === 'paid';
  const due = decimal(invoice.amountDue);
  const off = isPaid ? Decimal.ZERO : total.min(due);
  const year = Math.min(2999, Math.max(2000, dateAt(nowMs, 'UTC').year));
  const id = newId('cn', nowMs);
  await tx.invoices.insertNote({
    id,
    accountId: invoice.accountId,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    number: await tx.invoices.takeNumber(invoice.accountId, 'credit_note', year),
    type: isPaid ? 'refund' : 'adjustment',
    reason,
    memo,
    total: printAmount(total, places),
    lines: taken.map((one) => noteLine(lines, one, places)),
    createdAt: new Date(nowMs),
    voidedAt: null,
    pdfUrl: null,
  });
  if (!off.isZero) await tx.invoices.save(reduced(invoice, due.minus(off), places, nowMs));
  const rest = total.minus(off);
  if (!rest.isZero) {
    await changeBalance(tx, invoice, rest, 'credit_note_applied', nowMs, { creditNoteId: id });
  }
  return id;
}

const reduced = (invoice: Invoice, due: Decimal, places: number, nowMs: number): Invoice => ({
  ...invoice,
  amountDue: printAmount(due, places),
  ...(due.isZero ? { status: 'paid' as const, paidMs: nowMs } : {}),
});

function noteLine(
  lines: InvoiceParts['lines'],
  { lineId, amount: money, tax }: TakenMoney,
  places: number,
): Readonly<Record<string, unknown>> {
  const body = lines.find(({ id }) => id === lineId)?.body ?? {};
  const amount = printAmount(money, places);
  const [rate] = (body['tax_amounts'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  const shown = rate && !tax.isZero ? [{ ...rate, amount: printAmount(tax, places) }] : [];
  const price = body['price'] as { item?: { id: string } } | undefined;
  return {
    id: lineId,
    name: body['name'] ?? '',
    amount,
    subtotal: amount,
    quantity: null,
    item_id: price?.item?.id ?? '',
    tax_amounts: shown,
    discounts: [],
    start_time_inclusive: body['start_date'] ?? null,
    end_time_exclusive: body['end_date'] ?? null,
  };
}
