import type { OrbCall } from '@orbit/contracts';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import type { PurchaseSettings } from './purchase.js';

type Fields = Readonly<Record<string, unknown>>;

export const NET_TERMS_MAX = 3_650;
const MEMO_LENGTH_MAX = 1_000;

const has = (fields: Fields, name: string): boolean => (fields[name] ?? null) !== null;

/** `invoice_settings` of an increment. */
export function readSettings({ body }: OrbCall, timezone: string): Outcome<PurchaseSettings> {
  const fields = body['invoice_settings'] as Fields;
  if (!has(body, 'per_unit_cost_basis')) {
    return wrong('per_unit_cost_basis: goes with invoice_settings, for what the invoice costs');
  }
  if (has(fields, 'net_terms') && has(fields, 'custom_due_date')) {
    return wrong('invoice_settings.net_terms: goes without custom_due_date');
  }
  const common = readCommon(fields);
  if (!common.ok) return common;
  const invoiceDateMs = dayIn(fields, 'invoice_date', timezone);
  if (!invoiceDateMs.ok) return invoiceDateMs;
  const fixedDueMs = dayIn(fields, 'custom_due_date', timezone);
  if (!fixedDueMs.ok) return fixedDueMs;
  const isPaid = fields['mark_as_paid'] === true;
  if (isPaid && fields['auto_collection'] === true) {
    return against('invoice_settings.mark_as_paid goes without auto_collection.');
  }
  const itemId = (fields['item_id'] ?? null) as string | null;
  const dates = { invoiceDateMs: invoiceDateMs.value, fixedDueMs: fixedDueMs.value };
  return ok({ ...common.value, isPaid, itemId, ...dates });
}

/** Reads the fields that increments and top-ups share. */
export function readCommon(
  fields: Fields,
): Outcome<Pick<PurchaseSettings, 'autoCollection' | 'netTerms' | 'memo' | 'requiresPayment'>> {
  const netTerms = (fields['net_terms'] ?? 0) as number;
  if (netTerms < 0 || netTerms > NET_TERMS_MAX) {
    return wrong(`invoice_settings.net_terms: must be 0 to ${String(NET_TERMS_MAX)} days`);
  }
  const memo = (fields['memo'] ?? null) as string | null;
  if (memo !== null && memo.length > MEMO_LENGTH_MAX) {
    return wrong(`invoice_settings.memo: must have at most ${String(MEMO_LENGTH_MAX)} characters`);
  }
  const autoCollection = fields['auto_collection'] === true;
  const requiresPayment = fields['require_successful_payment'] === true;
  return ok({ autoCollection, netTerms, memo, requiresPayment });
}

function dayIn(fields: Fields, name: string, timezone: string): Outcome<number | null> {
  const text = fields[name] ?? null;
  if (text === null) return ok(null);
  const ms = readInstant(String(text), timezone);
  return ms === null
    ? wrong(`invoice_settings.${name}: must be a day of the years 1 to 9999`)
    : ok(ms);
}
