import { formatAmount, microsFromMinor, type Currency } from '@orbit/money';
import type { Invoice } from './invoice.js';

/** Who issues the receipt. */
export interface Seller {
  readonly name: string;
  readonly addressLines: readonly string[];
}

/** A receipt as text, ready to be set: the renderer decides where things stand, never what they say. */
export interface ReceiptDocument {
  readonly title: string;
  readonly seller: Seller;
  readonly number: string;
  readonly paidOn: string;
  readonly paidAtMs: number;
  readonly headline: string;
  readonly billTo: readonly string[];
  readonly paymentMethod: string;
  readonly line: { readonly description: string; readonly detail: string };
  readonly amount: string;
  readonly isPaid: boolean;
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

/** `organizationName` comes once invoicing learns names; until then the id stands alone. */
export function buildReceipt(
  invoice: Invoice,
  seller: Seller,
  organizationName: string | null = null,
): ReceiptDocument {
  const amount = displayAmount(invoice.amountMinor, invoice.currency);
  const paidOn = formatDate(invoice.paidAtMs);
  const paid = new Date(invoice.paidAtMs);
  const month = `${MONTHS[paid.getUTCMonth()]} ${paid.getUTCFullYear()}`;
  const billTo = [organizationName, invoice.organizationId, invoice.receiptEmail];
  return {
    title: 'Receipt',
    seller,
    number: invoice.number,
    paidOn,
    paidAtMs: invoice.paidAtMs,
    headline: `${amount} paid on ${paidOn}`,
    billTo: billTo
      .filter((text) => text !== null)
      .map((text) => plainText(text, BILL_TO_CHARACTERS_MAX)),
    paymentMethod: invoice.card === null ? 'Online payment' : cardText(invoice.card),
    line: {
      description: 'Prepaid credit top-up',
      detail: `${month} · credited to the ${invoice.currency} wallet`,
    },
    amount,
    isPaid: invoice.status === 'paid',
    references: [
      { label: 'Payment reference', value: plainText(invoice.paymentIntentId) },
      { label: 'Transaction', value: plainText(invoice.reference) },
    ],
    footer: 'Prepaid credit is drawn down as it is used. Nothing more is due on this receipt.',
  };
}

/** 1234567n USD → "$12,345.67 USD"; 5000n JPY → "¥5,000 JPY"; 1500n KWD → "1.500 KWD". */
export function displayAmount(amountMinor: bigint, currency: Currency): string {
  const exact = formatAmount(microsFromMinor(amountMinor, currency), currency);
  const text = exact.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');
  const symbol = SYMBOLS[currency] ?? '';
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
