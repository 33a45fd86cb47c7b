import { parseDecimal } from '@orbit/pricing';
import { ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { planAt } from '../../timeline/domain/position.js';
import type {
  SubscribablePlan,
  Subscription,
  SubscriptionSettings,
} from '../../billing/domain/subscription.js';

type Fields = Readonly<Record<string, unknown>>;

/** The settings in force at an instant: those that the plan of then brought go before the subscription's own. */
export const settingsAt = (
  { settings, timeline }: Pick<Subscription, 'settings' | 'timeline'>,
  ms: number,
): SubscriptionSettings => ({ ...settings, ...planAt(timeline, ms)?.settings });

/** Other settings from now on; a plan that is planned keeps its own. */
export function withSettings(
  subscription: Subscription,
  settings: SubscriptionSettings,
  nowMs: number,
): Subscription {
  const { timeline } = subscription;
  const plans = timeline.plans.map((span) => {
    const { settings: own, ...rest } = span;
    return own === undefined || span.startMs > nowMs ? span : rest;
  });
  return { ...subscription, settings, timeline: { ...timeline, plans } };
}

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

/** An absent field stays; null clears a setting that may be empty, and leaves the terms. */
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
