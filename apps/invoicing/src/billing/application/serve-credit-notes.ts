import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import {
  answered,
  createdBetween,
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { Decimal, decimal, parseDecimal } from '@orbit/pricing';
import { taxShare } from '../../taxes/domain/tax-lines.js';
import { writeNote, type Taken } from './give-back.js';
import { placesOf } from '../domain/billed.js';
import { toCreditNote } from '../domain/invoice-view.js';
import type { CreditNotes, InvoiceParts } from './invoice-ports.js';
import { instantIn } from '../domain/read-request.js';
import { absent, against, ok, wrong, type Outcome } from '../domain/refusals.js';
import type { BillingTransaction } from './ports.js';

type Fields = Readonly<Record<string, unknown>>;
const LIST = 'list-credit-notes';

/** The reasons as a request writes them, and as an answer shows them. */
const REASONS: Readonly<Record<string, string>> = {
  duplicate: 'Duplicate',
  fraudulent: 'Fraudulent',
  order_change: 'Order change',
  product_unsatisfactory: 'Product unsatisfactory',
};

/** Credit notes: what of issued invoices is given back by hand. Errors: the database's own. */
export class ServeCreditNotes {
  constructor(
    private readonly notes: CreditNotes,
    private readonly changes: Changes<BillingTransaction>,
    private readonly clock: AccountClock,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const nowMs = await this.clock.nowMs(accountId);
    return this.changes.run(call, async (tx) => {
      const items = (call.body['line_items'] ?? []) as readonly Fields[];
      const [first] = items;
      if (!first) return invalid('line_items: must have at least one entry');
      const lineId = String(first['invoice_line_item_id']);
      const invoiceId = await tx.invoices.invoiceOfLine(accountId, lineId);
      const known = invoiceId === null ? null : await tx.invoices.read(accountId, invoiceId);
      if (!known) return refused(notFound('invoice line item', lineId));
      const { subscriptionId, customerId } = known.invoice;
      if (subscriptionId !== null) await tx.subscriptions.lock(accountId, subscriptionId);
      const customer = await tx.customers.lock(accountId, customerId);
      const parts = await tx.invoices.lock(accountId, known.invoice.id);
      if (!customer || !parts) return refused(notFound('invoice line item', lineId));
      const credited = await tx.invoices.creditedOf(parts.invoice.id);
      const taken = readLines(call.body, items, parts, credited, customer.timezone);
      if (!taken.ok) return refused(taken.refusal);
      const places = placesOf(parts.invoice.currency);
      for (const { lineId: id, amount } of taken.value) {
        await tx.invoices.credit(id, amount.round(places, 'HALF_UP').toString());
      }
      const reason = REASONS[String(call.body['reason'])] ?? 'Order change';
      const memo = (call.body['memo'] ?? null) as string | null;
      const money = taken.value.map((one) => {
        const line = parts.lines.find(({ id }) => id === one.lineId);
        const before = credited.get(one.lineId) ?? Decimal.ZERO;
        const share = line ? taxShare(line, before, one.amount, places) : Decimal.ZERO;
        return { ...one, tax: share };
      });
      const noteId = await writeNote(tx, parts, money, { reason, memo }, nowMs);
      const made = await tx.invoices.readNote(accountId, noteId);
      if (!made) return refused(notFound('credit note', noteId));
      const shown = toCreditNote(made.note, made.customer);
      return answered(201, shown);
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['credit_note_id'] ?? '';
    const found = await this.notes.readNote(call.account.id, id);
    if (!found) return refused(notFound('credit note', id));
    return answered(200, toCreditNote(found.note, found.customer));
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const page = pageQueryOf(LIST, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const created = createdBetween(call.query, call.account.timezone);
    if ('fault' in created) return invalid(created.fault);
    const rows = await this.notes.listNotes({ ...page, created });
    const listed = rows.map((row) => ({
      ...row,
      ...{ createdAt: row.note.createdAt, position: row.note.position },
    }));
    return pageOf(LIST, call, page, listed, ({ note, customer }) => toCreditNote(note, customer));
  }
}

/** How much of which line; what they cost, less what was given back before, is the most. */
function readLines(
  body: Fields,
  items: readonly Fields[],
  { invoice, lines }: InvoiceParts,
  credited: ReadonlyMap<string, Decimal>,
  timezone: string,
): Outcome<readonly Taken[]> {
  if (invoice.status === 'draft' || invoice.status === 'void') {
    return against(`Only issued invoices can be credited; this one is ${invoice.status}.`);
  }
  for (const field of ['start_date', 'end_date']) {
    const date = instantIn(body, field, timezone, null);
    if (!date.ok) return date;
  }
  const hasGlobal = (body['start_date'] ?? null) !== null;
  const places = placesOf(invoice.currency);
  const taken = new Map<string, Decimal>();
  for (const [index, item] of items.entries()) {
    const path = `line_items.${String(index)}`;
    if (hasGlobal && (item['start_date'] ?? null) !== null) {
      return wrong(`${path}.start_date: goes without a start_date of the whole note`);
    }
    const lineId = String(item['invoice_line_item_id']);
    const line = lines.find(({ id }) => id === lineId);
    if (!line) return absent('line item of this invoice', lineId);
    const amount = parseDecimal(String(item['amount']));
    if (!amount || amount.digits <= 0n) {
      return wrong(`${path}.amount: must be a decimal number above 0`);
    }
    if (!amount.equals(amount.round(places, 'HALF_UP'))) {
      return wrong(`${path}.amount: must have at most ${String(places)} decimals`);
    }
    const sum = (taken.get(lineId) ?? Decimal.ZERO).plus(amount);
    const most = decimal(line.amount).minus(credited.get(lineId) ?? Decimal.ZERO);
    if (sum.isAbove(most)) {
      return against(`${path}.amount: at most ${most.toString()} of this line can be credited`);
    }
    taken.set(lineId, sum);
  }
  return ok([...taken].map(([lineId, amount]) => ({ lineId, amount })));
}
