import type { CreditNote } from './credit-note.js';
import type { Invoice } from './invoice.js';
import {
  billToOf,
  displayAmount,
  formatDate,
  paymentMethodOf,
  plainText,
  type ReceiptDocument,
  type Seller,
} from './receipt.js';

/** The document of money that went back to the payer of a receipt. */
export function buildCreditNote(
  note: CreditNote,
  invoice: Invoice,
  seller: Seller,
): ReceiptDocument {
  const { currency } = invoice;
  const amount = displayAmount(note.amountMinor, currency);
  const creditedOn = formatDate(note.creditedAtMs);
  const isRefund = note.reason === 'refund';
  const isVoid = note.status === 'void';
  const verb = isRefund ? 'refunded' : 'charged back';
  return {
    title: 'Credit note',
    seller,
    number: note.number,
    createdAtMs: note.creditedAtMs,
    changedAtMs: note.creditedAtMs,
    headline: isVoid ? `${amount} was not ${verb}` : `${amount} ${verb} on ${creditedOn}`,
    facts: [
      { label: 'Credit note', value: note.number },
      { label: 'Date', value: creditedOn },
      { label: 'For receipt', value: invoice.number },
      { label: isRefund ? 'Refunded to' : 'Returned to', value: paymentMethodOf(invoice) },
    ],
    billTo: billToOf(invoice),
    lines: [
      {
        description: `${isRefund ? 'Refund' : 'Chargeback'} of receipt ${invoice.number}`,
        details: [
          `Prepaid credit top-up of ${displayAmount(invoice.amountMinor, currency)}, paid on ${formatDate(invoice.paidAtMs)}`,
        ],
        ...{ quantity: '1', unitPrice: amount, amount },
      },
    ],
    totals: [
      { label: 'Subtotal', value: amount, look: 'plain' },
      { label: 'Total', value: amount, look: 'strong' },
      {
        label: isRefund ? 'Refunded' : 'Charged back',
        value: isVoid ? displayAmount(0n, currency) : amount,
        look: 'total',
      },
    ],
    stamp: isVoid
      ? { text: 'VOID', date: '', tone: 'bad' }
      : {
          text: isRefund ? 'REFUNDED' : 'CHARGED BACK',
          date: creditedOn,
          tone: isRefund ? 'changed' : 'bad',
        },
    references: [
      { label: isRefund ? 'Refund' : 'Dispute', value: plainText(note.correctionId) },
      { label: 'Receipt', value: `${invoice.number} · ${formatDate(invoice.paidAtMs)}` },
      { label: 'Payment reference', value: plainText(invoice.paymentIntentId) },
    ],
    footer: isVoid
      ? 'This money did not leave: the credit note is void and the receipt stands as it was.'
      : `This credit note reduces receipt ${invoice.number} by ${amount}.`,
  };
}
