import {
  displayDecimal,
  formatDate,
  plainText,
  type DocumentLine,
  type ReceiptDocument,
  type Seller,
  type Stamp,
  type TotalRow,
} from '../../receipts/domain/receipt.js';

type Fields = Readonly<Record<string, unknown>>;

/** An invoice as the contract shows it, and its customer's name as the document shall say it. */
export interface SheetSource {
  readonly invoice: Fields;
  readonly name: string;
  readonly email: string;
}

/** Tiers and cells of one line that are printed; of more, their number. */
const DETAILS_MAX = 12;
const BILL_TO_CHARACTERS_MAX = 80;

const STAMPS: Readonly<Record<string, Pick<Stamp, 'text' | 'tone'>>> = {
  draft: { text: 'DRAFT', tone: 'changed' },
  paid: { text: 'PAID', tone: 'good' },
  void: { text: 'VOID', tone: 'bad' },
};

/** The printed invoice. The same invoice makes the same document. */
export function invoiceSheet(source: SheetSource, seller: Seller): ReceiptDocument {
  const { invoice } = source;
  const number = textOf(invoice['invoice_number']);
  const status = textOf(invoice['status']);
  const currency = textOf(invoice['currency']);
  const due = displayDecimal(textOf(invoice['amount_due']), currency);
  const dueDate = dayOf(invoice['due_date']);
  const createdAtMs = msOf(invoice['issued_at']) ?? msOf(invoice['created_at']) ?? 0;
  return {
    title: 'Invoice',
    seller,
    number,
    createdAtMs,
    changedAtMs: msOf(invoice['voided_at']) ?? msOf(invoice['paid_at']) ?? createdAtMs,
    headline: headlineOf(status, due, dueDate),
    facts: [
      { label: 'Invoice number', value: number },
      { label: 'Date', value: dayOf(invoice['invoice_date'] ?? invoice['target_date']) },
      ...(dueDate === '' ? [] : [{ label: 'Due', value: dueDate }]),
    ],
    billTo: billToOf(source),
    lines: linesOf(invoice, currency),
    totals: totalsOf(invoice, currency),
    stamp: stampOf(invoice, status),
    references: referencesOf(invoice),
    footer: footerOf(status),
  };
}

/** Of a paid invoice: what was paid, when, by what. */
export function receiptSheet(source: SheetSource, seller: Seller): ReceiptDocument {
  const { invoice } = source;
  const sheet = invoiceSheet(source, seller);
  const paid = dayOf(invoice['payment_received_at'] ?? invoice['paid_at']);
  const amount = displayDecimal(textOf(invoice['amount_due']), textOf(invoice['currency']));
  return {
    ...sheet,
    title: 'Receipt',
    headline: `${amount} paid on ${paid}`,
    facts: [
      { label: 'Invoice number', value: sheet.number },
      { label: 'Date paid', value: paid },
    ],
    footer: `Nothing more is due on invoice ${sheet.number}.`,
  };
}

/** The document of a sum taken back of an invoice. */
export function creditNoteSheet(
  note: Fields,
  source: SheetSource,
  seller: Seller,
): ReceiptDocument {
  const { invoice } = source;
  const currency = textOf(invoice['currency']);
  const number = textOf(note['credit_note_number']);
  const total = displayDecimal(textOf(note['total']), currency);
  const isVoid = note['voided_at'] !== null && note['voided_at'] !== undefined;
  const createdAtMs = msOf(note['created_at']) ?? 0;
  const against = textOf(invoice['invoice_number']);
  return {
    title: 'Credit note',
    seller,
    number,
    createdAtMs,
    changedAtMs: msOf(note['voided_at']) ?? createdAtMs,
    headline: isVoid ? `Credit of ${total} is void` : `${total} credited`,
    facts: [
      { label: 'Credit note', value: number },
      { label: 'Date', value: dayOf(note['created_at']) },
      { label: 'For invoice', value: against },
    ],
    billTo: billToOf(source),
    lines: ((note['line_items'] ?? []) as readonly Fields[]).map((line) => ({
      description: plainText(textOf(line['name'])),
      details: [],
      quantity: line['quantity'] === null ? '' : textOf(line['quantity']),
      unitPrice: '',
      amount: displayDecimal(textOf(line['amount']), currency),
    })),
    totals: [{ label: 'Total', value: total, look: 'total' }],
    stamp: isVoid ? { text: 'VOID', date: dayOf(note['voided_at']), tone: 'bad' } : null,
    references: memoOf(note),
    footer: isVoid
      ? `This credit note is void: invoice ${against} stands as it was.`
      : `This credit note reduces invoice ${against} by ${total}.`,
  };
}

function headlineOf(status: string, due: string, dueDate: string): string {
  switch (status) {
    case 'draft':
      return `${due} so far`;
    case 'paid':
      return `${due} paid`;
    case 'void':
      return 'Nothing is due';
    default:
      return dueDate === '' ? `${due} due` : `${due} due ${dueDate}`;
  }
}

const footerOf = (status: string): string =>
  status === 'draft'
    ? 'This invoice is a draft: its amounts move until it is issued.'
    : status === 'void'
      ? 'This invoice is void. Nothing is due on it.'
      : 'Thank you for your business.';

function billToOf({ invoice, name, email }: SheetSource): readonly string[] {
  const address = (invoice['billing_address'] ?? {}) as Fields;
  const taxId = invoice['customer_tax_id'] as Fields | null | undefined;
  const city = [address['postal_code'], address['city'], address['state']].filter(isText).join(' ');
  return [
    name,
    ...[address['line1'], address['line2'], city, address['country']],
    email,
    taxId ? `${textOf(taxId['country'])} ${textOf(taxId['value'])}` : null,
  ]
    .filter(isText)
    .map((text) => plainText(text, BILL_TO_CHARACTERS_MAX));
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const linesOf = (invoice: Fields, currency: string): readonly DocumentLine[] =>
  ((invoice['line_items'] ?? []) as readonly Fields[]).map((line) => {
    const period = `${dayOf(line['start_date'])} – ${dayOf(line['end_date'])}`;
    const price = (line['price'] ?? null) as Fields | null;
    const unit = (price?.['unit_config'] as Fields | null | undefined)?.['unit_amount'];
    return {
      description: plainText(textOf(line['name'])),
      details: [
        period,
        ...groupingOf(line),
        ...subLinesOf(line, currency),
        ...adjustmentsOf(line, currency),
      ],
      quantity: numberText(line['quantity']),
      unitPrice: isText(unit) ? displayDecimal(unit, textOf(price?.['currency'] ?? currency)) : '',
      amount: displayDecimal(textOf(line['amount']), currency),
    };
  });

const groupingOf = (line: Fields): readonly string[] =>
  isText(line['grouping']) ? [plainText(line['grouping'])] : [];

function subLinesOf(line: Fields, currency: string): readonly string[] {
  const all = (line['sub_line_items'] ?? []) as readonly Fields[];
  if (all.length < 2) return [];
  const shown = all
    .slice(0, DETAILS_MAX)
    .map(
      (sub) =>
        `${plainText(textOf(sub['name']))}: ${numberText(sub['quantity'])} → ${displayDecimal(textOf(sub['amount']), currency)}`,
    );
  return all.length > DETAILS_MAX
    ? [...shown, `and ${String(all.length - DETAILS_MAX)} more`]
    : shown;
}

const adjustmentsOf = (line: Fields, currency: string): readonly string[] =>
  ((line['adjustments'] ?? []) as readonly Fields[])
    .filter((adjustment) => isText(adjustment['amount']))
    .map((adjustment) => {
      const name = isText(adjustment['reason'])
        ? plainText(adjustment['reason'])
        : textOf(adjustment['adjustment_type']).replaceAll('_', ' ');
      return `${name}: ${displayDecimal(textOf(adjustment['amount']), currency)}`;
    });

function totalsOf(invoice: Fields, currency: string): readonly TotalRow[] {
  const row = (label: string, amount: string, look: TotalRow['look'] = 'plain'): TotalRow => ({
    ...{ label, look, value: displayDecimal(amount, currency) },
  });
  const lines = (invoice['line_items'] ?? []) as readonly Fields[];
  const isZero = (amount: string): boolean => /^-?0*(\.0*)?$/.test(amount);
  const taxes = lines.flatMap((line) => (line['tax_amounts'] ?? []) as readonly Fields[]);
  const balance = (invoice['customer_balance_transactions'] ?? []) as readonly Fields[];
  const applied = balance.filter(({ action }) => action === 'applied_to_invoice');
  return [
    row('Subtotal', textOf(invoice['subtotal'])),
    ...taxRows(taxes, row),
    row('Total', textOf(invoice['total']), 'strong'),
    ...applied.map((entry) => row('Customer balance', textOf(entry['amount']))),
    row('Amount due', textOf(invoice['amount_due']), 'total'),
  ].filter(({ label, value }) => label !== 'Customer balance' || !isZero(value));
}

/** A row for each rate: what its lines add up to is printed by the contract's total, so only its name stands here. */
function taxRows(
  taxes: readonly Fields[],
  row: (label: string, amount: string) => TotalRow,
): readonly TotalRow[] {
  const sums = new Map<string, bigint>();
  let places = 0;
  for (const tax of taxes) {
    const [whole = '0', part = ''] = textOf(tax['amount']).split('.');
    places = Math.max(places, part.length);
    const name = plainText(textOf(tax['tax_rate_description']));
    sums.set(name, (sums.get(name) ?? 0n) + BigInt(`${whole}${part}`));
  }
  return [...sums].map(([name, digits]) => row(name, printed(digits, places)));
}

function printed(digits: bigint, places: number): string {
  if (places === 0) return String(digits);
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, '0');
  return `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
}

function stampOf(invoice: Fields, status: string): Stamp | null {
  const stamp = STAMPS[status];
  if (!stamp) return null;
  const date = dayOf(status === 'paid' ? invoice['paid_at'] : invoice['voided_at']);
  return { ...stamp, date };
}

function referencesOf(invoice: Fields): ReceiptDocument['references'] {
  const notes = (invoice['credit_notes'] ?? []) as readonly Fields[];
  const numbers = notes.map((note) => textOf(note['credit_note_number'])).join(', ');
  return [
    ...memoOf(invoice),
    ...(numbers === '' ? [] : [{ label: 'Credit notes', value: plainText(numbers) }]),
  ];
}

const memoOf = (fields: Fields): ReceiptDocument['references'] =>
  isText(fields['memo']) ? [{ label: 'Note', value: plainText(fields['memo'], 400) }] : [];

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

const msOf = (value: unknown): number | null => {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
};

const dayOf = (value: unknown): string => {
  const ms = msOf(value);
  return ms === null ? '' : formatDate(ms);
};

/** "1234567.5" → "1,234,567.5". */
const numberText = (value: unknown): string =>
  textOf(value).replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');
