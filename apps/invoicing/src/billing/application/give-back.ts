import { newId } from '@orbit/kernel';
import { Decimal, decimal } from '@orbit/pricing';
import { dateAt } from '../../timeline/domain/civil.js';
import { printAmount } from '../domain/print-line.js';
import type { DueCredit } from '../domain/settle.js';
import type { BilledLine, Invoice, InvoiceParts } from './invoice-ports.js';
import { changeBalance } from './issue-draft.js';
import { placesOf } from '../domain/billed.js';
import type { BillingTransaction } from './ports.js';

/** What of a line is given back. */
export interface Taken {
  readonly lineId: string;
  readonly amount: Decimal;
}

/**
 * Gives back what was billed too much, newest line first: to the customer's balance where the invoice was paid, by a
 * credit note where it was not. What stood on a void invoice was given back already.
 */
export async function giveBack(
  tx: BillingTransaction,
  accountId: string,
  credits: readonly DueCredit[],
  billed: readonly BilledLine[],
  nowMs: number,
): Promise<void> {
  const byInvoice = new Map<string, Taken[]>();
  for (const { key, amount } of credits) {
    let left = amount;
    for (const line of billed.filter(({ chargeKey }) => chargeKey === key).reverse()) {
      const part = line.left.min(left);
      if (part.digits <= 0n) continue;
      left = left.minus(part);
      const taken = byInvoice.get(line.invoiceId) ?? [];
      byInvoice.set(line.invoiceId, [...taken, { lineId: line.id, amount: part }]);
    }
  }
  for (const [invoiceId, taken] of [...byInvoice].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parts = await tx.invoices.lock(accountId, invoiceId);
    if (parts) await giveBackOf(tx, parts, taken, nowMs);
  }
}

async function giveBackOf(
  tx: BillingTransaction,
  parts: InvoiceParts,
  taken: readonly Taken[],
  nowMs: number,
): Promise<void> {
  const { invoice } = parts;
  const places = placesOf(invoice.currency);
  for (const { lineId, amount } of taken) {
    await tx.invoices.credit(lineId, printAmount(amount, places));
  }
  const total = taken.reduce((sum, { amount }) => sum.plus(amount), Decimal.ZERO);
  if (invoice.status === 'void') return;
  if (invoice.status === 'paid') {
    await changeBalance(tx, invoice, total, 'prorated_refund', nowMs);
    return;
  }
  await writeNote(tx, parts, taken, { reason: 'Order change', memo: null }, nowMs);
}

/**
 * Writes a credit note over lines and takes it off what is to be paid; of a paid invoice, and beyond what is to be
 * paid, it goes to the customer's balance. The caller has marked the lines.
 */
export async function writeNote(
  tx: BillingTransaction,
  { invoice, lines }: InvoiceParts,
  taken: readonly Taken[],
  { reason, memo }: { readonly reason: string; readonly memo: string | null },
  nowMs: number,
): Promise<string> {
  const places = placesOf(invoice.currency);
  const total = taken.reduce((sum, { amount }) => sum.plus(amount), Decimal.ZERO);
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
    lines: taken.map(({ lineId, amount }) => noteLine(lines, lineId, printAmount(amount, places))),
    createdAt: new Date(nowMs),
    voidedAt: null,
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
  lineId: string,
  amount: string,
): Readonly<Record<string, unknown>> {
  const body = lines.find(({ id }) => id === lineId)?.body ?? {};
  const price = body['price'] as { item?: { id: string } } | undefined;
  return {
    id: lineId,
    name: body['name'] ?? '',
    amount,
    subtotal: amount,
    quantity: null,
    item_id: price?.item?.id ?? '',
    tax_amounts: [],
    discounts: [],
    start_time_inclusive: body['start_date'] ?? null,
    end_time_exclusive: body['end_date'] ?? null,
  };
}
