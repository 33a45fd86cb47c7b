import type { OrbCall } from '@orbit/contracts';
import { parseDecimal } from '@orbit/pricing';
import { addCivil } from '../../timeline/domain/civil.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import type { Between, InvoiceQuery } from './invoice.js';
import { many } from './read-request.js';
import { ok, wrong, type Outcome } from './refusals.js';

type Filters = Omit<InvoiceQuery, 'accountId' | 'limit' | 'after'>;

const OPEN = { gte: null, gt: null, lt: null, lte: null };
const SHOWN_BY_DEFAULT = ['issued', 'paid', 'synced'];

/** The filters of both lists of invoices. Days are civil days of the account. */
export function invoiceFilters(call: OrbCall, nowMs: number): Outcome<Filters> {
  const { query } = call;
  const invoiceDate = dates(call, 'invoice_date');
  if (!invoiceDate.ok) return invoiceDate;
  const dueDate = dates(call, 'due_date');
  if (!dueDate.ok) return dueDate;
  const amount = amounts(call);
  if (!amount.ok) return amount;
  const window = dueWindow(call, nowMs);
  if (!window.ok) return window;
  const isByDue = query['date_type'] === 'due_date';
  const text = (name: string): string | null =>
    typeof query[name] === 'string' ? query[name] : null;
  return ok({
    customerId: text('customer_id'),
    externalCustomerId: text('external_customer_id'),
    subscriptionId: text('subscription_id'),
    statuses: many(query, 'status') ?? SHOWN_BY_DEFAULT,
    isRecurring: (query['is_recurring'] as boolean | undefined) ?? null,
    // date_type says which date the bounds of the invoice date mean.
    invoiceDate: isByDue ? OPEN : invoiceDate.value,
    dueDate: tighter(tighter(dueDate.value, isByDue ? invoiceDate.value : OPEN), window.value),
    amount: amount.value,
  });
}

function dates({ query, account }: OrbCall, name: string): Outcome<Between<Date>> {
  const bounds: Record<string, Date | null> = { ...OPEN };
  for (const bound of ['gte', 'gt', 'lt', 'lte'] as const) {
    const field = `${name}[${bound}]`;
    const text = query[field];
    if (typeof text !== 'string') continue;
    const ms = readInstant(text, account.timezone);
    if (ms === null) return wrong(`${field}: must be an instant of the years 1 to 9999`);
    bounds[bound] = new Date(ms);
  }
  const exact = query[name];
  if (typeof exact === 'string') {
    const ms = readInstant(exact, account.timezone);
    if (ms === null) return wrong(`${name}: must be a day of the years 1 to 9999`);
    bounds['gte'] = new Date(ms);
    // A day means all of it.
    if (/^\d{4}-\d\d-\d\d$/.test(exact)) {
      bounds['lt'] = new Date(addCivil(ms, 1, 'days', account.timezone));
    } else bounds['lte'] = new Date(ms);
  }
  return ok(bounds as unknown as Between<Date>);
}

function amounts({ query }: OrbCall): Outcome<Between<string>> {
  const bounds: Record<string, string | null> = { ...OPEN };
  for (const [field, names] of [
    ['amount', ['gte', 'lte']],
    ['amount[gt]', ['gt']],
    ['amount[lt]', ['lt']],
  ] as const) {
    const text = query[field];
    if (text === undefined) continue;
    if (!parseDecimal(String(text))) return wrong(`${field}: must be a decimal number`);
    for (const name of names) bounds[name] = String(text);
  }
  return ok(bounds as unknown as Between<string>);
}

/** `2d`, `3m`, `1y`: due within so long from now. */
function dueWindow({ query, account }: OrbCall, nowMs: number): Outcome<Between<Date>> {
  const text = query['due_date_window'];
  if (typeof text !== 'string') return ok(OPEN);
  const match = /^(\d{1,4})([dwmy])$/.exec(text);
  if (!match) return wrong('due_date_window: must be a count and one of d, w, m, y, such as 2m');
  const [, count = '0', unit = 'd'] = match;
  const size = { d: 1, w: 7, m: 1, y: 12 }[unit] ?? 1;
  const kind = unit === 'd' || unit === 'w' ? 'days' : 'months';
  const end = addCivil(nowMs, Number(count) * size, kind, account.timezone);
  return ok({ ...OPEN, gte: new Date(nowMs), lte: new Date(end) });
}

/** Both at once: of two lower bounds the later one, of two upper bounds the earlier one. */
function tighter(a: Between<Date>, b: Between<Date>): Between<Date> {
  const pick = (one: Date | null, other: Date | null, isLater: boolean): Date | null => {
    if (one === null || other === null) return one ?? other;
    return one > other === isLater ? one : other;
  };
  return {
    gte: pick(a.gte, b.gte, true),
    gt: pick(a.gt, b.gt, true),
    lt: pick(a.lt, b.lt, false),
    lte: pick(a.lte, b.lte, false),
  };
}
