import { parseDecimal } from '@orbit/pricing';
import { ok, wrong, type Outcome } from './refusals.js';
import type { SubscribablePlan, SubscriptionSettings } from './subscription.js';

type Fields = Readonly<Record<string, unknown>>;

const NET_TERMS_MAX = 3_650;

/** Of a new subscription: what it does not say its plan says. */
export const newSettings = (
  body: Fields,
  plan: Pick<SubscribablePlan, 'netTerms' | 'defaultInvoiceMemo'>,
): Outcome<SubscriptionSettings> =>
  changeSettings(
    {
      auto_collection: null,
      auto_issuance: null,
      net_terms: plan.netTerms ?? 0,
      default_invoice_memo: plan.defaultInvoiceMemo,
      invoicing_threshold: null,
    },
    body,
  );

/** What is absent stays; null clears what may be empty, and leaves the terms. */
export function changeSettings(
  current: SubscriptionSettings,
  body: Fields,
): Outcome<SubscriptionSettings> {
  const given = <T>(name: keyof SubscriptionSettings): T =>
    (body[name] === undefined ? current[name] : body[name]) as T;
  const net_terms = (body['net_terms'] ?? current.net_terms) as number;
  if (net_terms < 0 || net_terms > NET_TERMS_MAX) {
    return wrong(`net_terms: must be 0 to ${String(NET_TERMS_MAX)} days`);
  }
  const threshold = given<string | null>('invoicing_threshold');
  const amount = threshold === null ? null : parseDecimal(threshold);
  if (threshold !== null && (amount === null || amount.digits <= 0n)) {
    return wrong('invoicing_threshold: must be a decimal number above 0');
  }
  return ok({
    net_terms,
    invoicing_threshold: threshold,
    auto_collection: given('auto_collection'),
    auto_issuance: given('auto_issuance'),
    default_invoice_memo: given('default_invoice_memo'),
  });
}
