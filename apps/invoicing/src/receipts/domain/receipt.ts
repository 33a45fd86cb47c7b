import { formatAmount, microsFromMinor, type Currency } from '@orbit/money';
import { standingOf, type Correction, type Standing } from './correction.js';
import type { CreditNote } from './credit-note.js';
import type { Invoice, InvoiceStatus } from './invoice.js';

/** The issuer of the receipt. */
export interface Seller {
  readonly name: string;
  readonly addressLines: readonly string[];
}

export interface Stamp {
  readonly text: string;
  readonly date: string;
  readonly tone: 'good' | 'changed' | 'bad';
}

export interface TotalRow {
  readonly label: string;
  readonly value: string;
  readonly look: 'plain' | 'strong' | 'total';
}

/** A line of a document; `details` stand small below its description. */
export interface DocumentLine {
  readonly description: string;
  readonly details: readonly string[];
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
}

/** A document as text, ready to be set: the renderer decides where things stand, never what they say. */
export interface ReceiptDocument {
  readonly title: string;
  readonly seller: Seller;
  readonly number: string;
  /** Creation and change, as the file says; both follow from the facts alone. */
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly headline: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly billTo: readonly string[];
  readonly lines: readonly DocumentLine[];
  readonly totals: readonly TotalRow[];
  readonly stamp: Stamp | null;
  readonly references: readonly { readonly label: string; readonly value: string }[];
  readonly footer: string;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** Always beside the code: "$" alone would not say which dollar. The others show the code alone. */
const SYMBOLS: Partial<Record<Currency, string>> = {
  USD: '$',
  EUR: '€',
  GBP: '£',
  CAD: '$',
  AUD: '$',
  SGD: '$',
  MXN: '$',
  CLP: '$',
  JPY: '¥',
  KRW: '₩',
  INR: '₹',
  BRL: 'R$',
};

const CARD_BRANDS: Readonly<Record<string, string>> = {
  amex: 'American Express',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
};

/** With these, the widest texts that an event may carry still leave one page. */
const TEXT_CHARACTERS_MAX = 120;
const BILL_TO_CHARACTERS_MAX = 80;
const BRAND_CHARACTERS_MAX = 24;
const LAST4_CHARACTERS_MAX = 4;

/** More of them are counted, not named: all stays on one page. */
const CREDIT_NOTES_NAMED_MAX = 4;

/** The stamp on a receipt, by the state of its payment. */
const STAMPS: Readonly<Record<InvoiceStatus, Omit<Stamp, 'date'>>> = {
  paid: { text: 'PAID', tone: 'good' },
  partially_refunded: { text: 'PART REFUNDED', tone: 'changed' },
  refunded: { text: 'REFUNDED', tone: 'changed' },
  disputed: { text: 'DISPUTED', tone: 'bad' },
  charged_back: { text: 'CHARGED BACK', tone: 'bad' },
  partially_void: { text: 'PART VOID', tone: 'changed' },
  void: { text: 'VOID', tone: 'bad' },
};

/** The receipt as it stands: the payment, and what became of it since. The organization stands as its id. */
export function buildReceipt(
  invoice: Invoice,
  seller: Seller,
  corrections: readonly Correction[] = [],
  creditNotes: readonly CreditNote[] = [],
): ReceiptDocument {
  const { currency } = invoice;
  const amount = displayAmount(invoice.amountMinor, currency);
  const paidOn = formatDate(invoice.paidAtMs);
  const paid = new Date(invoice.paidAtMs);
  const month = `${MONTHS[paid.getUTCMonth()]} ${paid.getUTCFullYear()}`;
  const standing = standingOf(invoice, corrections);
  const changedAtMs = Math.max(
    invoice.paidAtMs,
    ...corrections.map(({ occurredAtMs }) => occurredAtMs),
  );
  const stampDate = invoice.status === 'paid' ? paidOn : formatDate(changedAtMs);
  return {
    title: 'Receipt',
    seller,
    number: invoice.number,
    createdAtMs: invoice.paidAtMs,
    changedAtMs,
    headline: `${amount} paid on ${paidOn}`,
    facts: [
      { label: 'Receipt number', value: invoice.number },
      { label: 'Date paid', value: paidOn },
      { label: 'Payment method', value: paymentMethodOf(invoice) },
    ],
    billTo: billToOf(invoice),
    lines: [
      {
        description: 'Prepaid credit top-up',
        details: [`${month} · credited to the ${invoice.credited?.unit ?? currency} wallet`],
        ...{ quantity: '1', unitPrice: amount, amount },
      },
    ],
    totals: totalsOf(invoice, standing),
    stamp: { ...STAMPS[invoice.status], date: stampDate },
    references: [
      { label: 'Payment reference', value: plainText(invoice.paymentIntentId) },
      { label: 'Transaction', value: plainText(invoice.reference) },
      ...creditNoteRows(creditNotes),
    ],
    footer: 'Prepaid credit is drawn down as it is used. Nothing more is due on this receipt.',
  };
}

function totalsOf(
  { amountMinor, currency }: Pick<Invoice, 'amountMinor' | 'currency'>,
  standing: Standing,
): readonly TotalRow[] {
  const amount = displayAmount(amountMinor, currency);
  const row = (label: string, minor: bigint, look: TotalRow['look'] = 'plain'): TotalRow[] =>
    minor === 0n ? [] : [{ label, value: displayAmount(minor, currency), look }];
  const changes = [
    ...row('Refunded', -standing.refundedMinor),
    ...row('Charged back', -standing.chargedBackMinor),
    ...row('Refund on its way', -standing.refundPendingMinor),
    ...row('In dispute', standing.disputedMinor),
    ...row('Credit withdrawn', standing.voidedMinor),
  ];
  return [
    ...(changes.length > 0 ? [] : row('Subtotal', amountMinor)),
    { label: 'Total', value: amount, look: 'strong' },
    ...(standing.netMinor === amountMinor
      ? [{ label: 'Amount paid', value: amount, look: 'total' } as const, ...changes]
      : [
          { label: 'Amount paid', value: amount, look: 'strong' } as const,
          ...changes,
          {
            label: 'Remains paid',
            value: displayAmount(standing.netMinor > 0n ? standing.netMinor : 0n, currency),
            look: 'total',
          } as const,
        ]),
  ];
}

/** One line, whatever their number: each has its own document. */
function creditNoteRows(notes: readonly CreditNote[]): ReceiptDocument['references'] {
  if (notes.length === 0) return [];
  const numbers = notes.map(({ number, status }) =>
    status === 'void' ? `${number} (void)` : number,
  );
  const more = numbers.length - CREDIT_NOTES_NAMED_MAX;
  const named = numbers.slice(0, CREDIT_NOTES_NAMED_MAX).join(', ');
  const value = more > 0 ? `${named} and ${more} more` : named;
  return [{ label: notes.length === 1 ? 'Credit note' : 'Credit notes', value }];
}

export const billToOf = (
  invoice: Pick<Invoice, 'organizationId' | 'receiptEmail'>,
): readonly string[] =>
  [invoice.organizationId, invoice.receiptEmail]
    .filter((text) => text !== null)
    .map((text) => plainText(text, BILL_TO_CHARACTERS_MAX));

export const paymentMethodOf = ({ card }: Pick<Invoice, 'card'>): string =>
  card === null ? 'Online payment' : cardText(card);

/** 1234567n USD → "$12,345.67 USD"; 5000n JPY → "¥5,000 JPY"; 1500n KWD → "1.500 KWD". */
export function displayAmount(amountMinor: bigint, currency: Currency): string {
  return displayDecimal(formatAmount(microsFromMinor(amountMinor, currency), currency), currency);
}

/** "1234567.00" USD → "$1,234,567.00 USD". */
export function displayDecimal(exact: string, currency: string): string {
  const text = exact.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');
  const symbol = SYMBOLS[currency as Currency] ?? '';
  return `${text.startsWith('-') ? `-${symbol}${text.slice(1)}` : `${symbol}${text}`} ${currency}`;
}

/** "May 16, 2026", in UTC. */
export function formatDate(atMs: number): string {
  const at = new Date(atMs);
  return `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
}

/**
 * One line of visible text out of whatever a caller sent: no control characters, no direction
 * overrides that could make a receipt read differently than it is, and not endless.
 */
export function plainText(text: string, charactersMax = TEXT_CHARACTERS_MAX): string {
  const visible = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...visible];
  if (characters.length <= charactersMax) return visible;
  return `${characters.slice(0, charactersMax - 1).join('')}…`;
}

function cardText({ brand, last4 }: { brand: string; last4: string }): string {
  const word = plainText(brand, BRAND_CHARACTERS_MAX);
  const name = CARD_BRANDS[word] ?? word.charAt(0).toUpperCase() + word.slice(1);
  return `${name} •••• ${plainText(last4, LAST4_CHARACTERS_MAX)}`;
}
