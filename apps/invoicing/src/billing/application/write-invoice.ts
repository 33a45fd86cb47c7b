import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { newId } from '@orbit/kernel';
import {
  answered,
  invalid,
  mergeMetadata,
  noContent,
  notFound,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { parseDecimal, type Adjustment } from '@orbit/pricing';
import { addCivil } from '../../timeline/domain/civil.js';
import { readNumber } from '../../timeline/domain/terms.js';
import { emptyDocument } from './advance.js';
import type { ChangeInvoice } from './update-invoice.js';
import type { Invoice } from './invoice-ports.js';
import { toInvoice } from '../domain/invoice-view.js';
import { issueDraft, totalsOf } from './issue-draft.js';
import { placesOf } from '../domain/billed.js';
import { instantIn, nameIn } from '../domain/read-request.js';
import { absent, against, ok, wrong, type Outcome } from '../domain/refusals.js';
import {
  readDiscount,
  unitAmountOf,
  unitPriceOf,
  writeLine,
  writeLines,
  type LineInput,
} from '../domain/written-lines.js';
import type {
  BillingCustomer,
  BillingCustomers,
  BillingTransaction,
  CustomerName,
} from './ports.js';

type Fields = Readonly<Record<string, unknown>>;
const LINES_MAX = 500;
const YEAR_DAYS = 366;

/** Invoices that somebody writes: one-off ones, and lines on drafts. Errors: the database's own. */
export class WriteInvoice {
  constructor(
    private readonly customers: BillingCustomers,
    private readonly changes: Changes<BillingTransaction>,
    private readonly change: ChangeInvoice,
    private readonly clock: AccountClock,
  ) {}

  /** A draft; issued at once where it issues itself and its day has come. */
  async create(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const nowMs = await this.clock.nowMs(account.id);
    const name = nameIn(body, 'customer_id', 'external_customer_id', 'externalCustomerId');
    const customer = name.ok && (await this.customers.find(account.id, name.value as CustomerName));
    return this.changes.run(call, async (tx) => {
      if (!name.ok) return refused(name.refusal);
      const id = Object.values(name.value)[0] ?? '';
      const locked = customer && (await tx.customers.lock(account.id, customer.id));
      if (!locked) return refused(notFound('customer', id));
      const draft = newOneOff(call, locked, nowMs);
      if (!draft.ok) return refused(draft.refusal);
      const inputs = await lineInputs(tx, call, locked);
      if (!inputs.ok) return refused(inputs.refusal);
      if (locked.currency === null)
        await tx.customers.setCurrency(locked.id, draft.value.invoice.currency);
      return save(tx, draft.value, inputs.value, locked, nowMs);
    });
  }

  /** A line on a draft. An item that nobody has of this name is made. */
  addLine(call: OrbCall): Promise<OrbAnswer> {
    const { body } = call;
    const id = newId('inv', 0).replace('inv', 'line');
    return this.change.run(
      call,
      String(body['invoice_id']),
      async ({ parts, customer, nowMs, tx }) => {
        const { invoice, lines } = parts;
        if (!isOpen(invoice)) return onlyDrafts(invoice);
        const input = await lineInput(tx, call, customer, nowMs);
        if (!input.ok) return input;
        const places = placesOf(invoice.currency);
        const amount = input.value.amount.round(places, 'HALF_UP');
        const line = writeLine(
          id,
          invoice.currency,
          input.value,
          amount,
          null,
          places,
          new Date(nowMs),
        );
        const all = [...lines, line];
        await tx.invoices.putLines(invoice, all);
        await tx.invoices.save({ ...invoice, ...totalsOf(all, invoice.currency) });
        return ok(null);
      },
      ({ lines }) => answered(201, lines.find((line) => line.id === id)?.body),
    );
  }

  deleteLine(call: OrbCall): Promise<OrbAnswer> {
    const lineId = call.path['line_item_id'] ?? '';
    return this.change.run(
      call,
      call.path['invoice_id'] ?? '',
      async ({ parts, tx }) => {
        const { invoice, lines } = parts;
        if (!lines.some(({ id }) => id === lineId)) return absent('invoice line item', lineId);
        if (!isOpen(invoice)) return onlyDrafts(invoice);
        const rest = lines.filter(({ id }) => id !== lineId);
        await tx.invoices.putLines(invoice, rest);
        await tx.invoices.save({ ...invoice, ...totalsOf(rest, invoice.currency) });
        return ok(null);
      },
      () => noContent,
    );
  }
}

/** Whether its lines may still change: not while it is being issued. */
const isOpen = ({ stage }: Invoice): boolean => stage === 'due' || stage === 'closed';

const onlyDrafts = ({ status }: Invoice): Outcome<null> =>
  against(
    status === 'draft'
      ? 'Lines cannot change: the invoice is being issued.'
      : `Lines of a draft alone can change; this invoice is ${status}.`,
  );

interface OneOff {
  readonly invoice: Omit<Invoice, 'position'>;
  readonly discount: Adjustment | null;
}

function newOneOff(call: OrbCall, customer: BillingCustomer, nowMs: number): Outcome<OneOff> {
  const { account, body } = call;
  const currency = String(body['currency']);
  if (!/^[A-Z]{3}$/.test(currency)) {
    return wrong('currency: must be a code of ISO 4217 in upper case');
  }
  if (customer.currency !== null && customer.currency !== currency) {
    return against(`The customer is billed in ${customer.currency}, not in ${currency}.`);
  }
  const date = instantIn(body, 'invoice_date', customer.timezone, nowMs);
  if (!date.ok) return date;
  const invoiceDateMs = date.value as number;
  if (invoiceDateMs > addCivil(nowMs, YEAR_DAYS, 'days', customer.timezone)) {
    return wrong('invoice_date: must not be more than one year ahead');
  }
  if ((body['net_terms'] ?? null) !== null && (body['due_date'] ?? null) !== null) {
    return wrong('due_date: goes without net_terms');
  }
  const netTerms = (body['net_terms'] ?? 0) as number;
  if (netTerms < 0 || netTerms > 3_650) return wrong('net_terms: must be 0 to 3650 days');
  const fixed = instantIn(body, 'due_date', customer.timezone, null);
  if (!fixed.ok) return fixed;
  const discount = readDiscount((body['discount'] ?? null) as Fields | null);
  if (!discount.ok) return discount;
  const shown = body['discount'] as Fields | null | undefined;
  const autoCollection = (body['auto_collection'] ?? customer.autoCollection) as boolean;
  const document = emptyDocument((body['memo'] ?? null) as string | null, autoCollection);
  const invoice: OneOff['invoice'] = {
    id: newId('inv', nowMs),
    ...{ accountId: account.id, customerId: customer.id, subscriptionId: null, source: 'one_off' },
    ...{ stage: 'due', status: 'draft', number: null, currency, invoiceDateMs, netTerms },
    createdAt: new Date(nowMs),
    eligibleMs: invoiceDateMs,
    willAutoIssue: body['will_auto_issue'] === true,
    dueMs: fixed.value ?? addCivil(invoiceDateMs, netTerms, 'days', customer.timezone),
    ...{ issuedMs: null, paidMs: null, paymentReceivedMs: null, voidedMs: null },
    collectMs: null,
    ...{ subtotal: '0', total: '0', amountDue: '0', hasUsage: false, closed: null, draw: null },
    metadata: mergeMetadata({}, body['metadata']),
    document: { ...document, discounts: shown ? [shown] : [], fixedDueMs: fixed.value },
  };
  return ok({ invoice, discount: discount.value });
}

async function save(
  tx: BillingTransaction,
  { invoice, discount }: OneOff,
  inputs: readonly LineInput[],
  customer: BillingCustomer,
  nowMs: number,
): Promise<OrbAnswer> {
  const { id, accountId, currency } = invoice;
  const places = placesOf(currency);
  const lines = writeLines(id, currency, inputs, discount, places, invoice.createdAt);
  const draft: Invoice = { ...invoice, position: 0n, ...totalsOf(lines, currency) };
  await tx.invoices.insert(draft);
  await tx.invoices.putLines(draft, lines);
  await tx.invoices.save(draft);
  if (draft.willAutoIssue && draft.invoiceDateMs <= nowMs) {
    await issueDraft(tx, draft, { ...customer, currency }, lines, nowMs);
  }
  const made = await tx.invoices.read(accountId, id);
  return made ? answered(201, toInvoice(made, true)) : invalid('line_items: nothing was made');
}

async function lineInputs(
  tx: BillingTransaction,
  { account, body }: OrbCall,
  { timezone }: BillingCustomer,
): Promise<Outcome<readonly LineInput[]>> {
  const given = (body['line_items'] ?? []) as readonly Fields[];
  if (given.length > LINES_MAX) return wrong(`line_items: must be at most ${String(LINES_MAX)}`);
  const inputs: LineInput[] = [];
  for (const [index, fields] of given.entries()) {
    const path = `line_items.${String(index)}`;
    const period = periodOf(fields, timezone, path);
    if (!period.ok) return period;
    const cost = unitAmountOf(fields, path);
    if (!cost.ok) return cost;
    const itemId = String(fields['item_id']);
    const item = await tx.items.read(account.id, itemId);
    if (!item) return absent('item', itemId);
    inputs.push({ ...period.value, ...cost.value, item, name: String(fields['name']) });
  }
  return ok(inputs);
}

async function lineInput(
  tx: BillingTransaction,
  { account, body }: OrbCall,
  { timezone }: BillingCustomer,
  nowMs: number,
): Promise<Outcome<LineInput>> {
  const period = periodOf(body, timezone, '');
  if (!period.ok) return period;
  const quantity = readNumber(body['quantity']);
  if (!quantity || quantity.isNegative) return wrong('quantity: must be a number of 0 or more');
  const amount = parseDecimal(String(body['amount']));
  if (!amount) return wrong('amount: must be a decimal number');
  const itemId = (body['item_id'] ?? null) as string | null;
  const name = (body['name'] ?? null) as string | null;
  if (itemId === null && (name === null || name === '')) {
    return wrong('item_id: give either it or name, or both');
  }
  const item =
    itemId === null
      ? await tx.items.named(account.id, String(name), nowMs)
      : await tx.items.read(account.id, itemId);
  if (!item) return absent('item', String(itemId));
  const unitAmount = unitPriceOf(amount, quantity);
  return ok({ ...period.value, quantity, amount, unitAmount, item, name: name ?? item.name });
}

/** Days of a line: from the start of the first to the start of the last. */
function periodOf(
  fields: Fields,
  timezone: string,
  path: string,
): Outcome<Pick<LineInput, 'startMs' | 'endMs'>> {
  const start = instantIn(fields, 'start_date', timezone, null);
  if (!start.ok)
    return wrong(`${path === '' ? '' : `${path}.`}start_date: must be a day that there is`);
  const end = instantIn(fields, 'end_date', timezone, null);
  if (!end.ok)
    return wrong(`${path === '' ? '' : `${path}.`}end_date: must be a day that there is`);
  const [startMs, endMs] = [start.value as number, end.value as number];
  if (endMs < startMs)
    return wrong(`${path === '' ? '' : `${path}.`}end_date: must not be before start_date`);
  return ok({ startMs, endMs });
}
