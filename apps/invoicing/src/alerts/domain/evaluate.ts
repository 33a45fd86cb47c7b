import { Decimal, sumOf, type Usage } from '@orbit/pricing';
import { adjustCharges } from '../../billing/domain/adjust-charges.js';
import { fitsFilters } from '../../billing/domain/applies-to.js';
import { converted, placesOf } from '../../billing/domain/units.js';
import { rateCharges } from '../../billing/domain/rate-charges.js';
import { asksOf } from '../../billing/domain/usage-asks.js';
import type { Subscription, UsageAsk, UsageByKey } from '../../billing/domain/subscription.js';
import { chargesIn, type Charge } from '../../timeline/domain/charges.js';
import type { Period } from '../../timeline/domain/cycle.js';
import { termsOf } from '../../timeline/domain/terms.js';
import type { Alert } from './alert.js';

/** A value that an alert compares with its thresholds. `group` is empty unless the alert has grouping keys. */
export interface Evaluated {
  readonly group: readonly (string | null)[];
  readonly amount: Decimal;
}

/** The questions to usage-metering that evaluate an alert; keys are the alert's own. */
export function asksOfAlert(
  alert: Alert,
  subscription: Subscription,
  period: Period,
): readonly UsageAsk[] {
  if (alert.type === 'usage_exceeded') return usageAsks(alert, subscription, period);
  const keys = alert.groupingKeys ?? [];
  return asksOf(subscription, chargesOf(alert, subscription, period)).map((ask) => ({
    ...ask,
    key: keyIn(alert, ask.key),
    dimensions: [...new Set([...ask.dimensions, ...keys])],
  }));
}

/** The metric over the running period, as the subscription's prices count it: of whom, from when on, up to when. */
function usageAsks(alert: Alert, subscription: Subscription, period: Period): readonly UsageAsk[] {
  const { metricId } = alert;
  if (metricId === null) return [];
  const interval = subscription.timeline.prices.find(
    ({ price, startMs, endMs }) =>
      termsOf(price).metricId === metricId &&
      startMs < period.endMs &&
      (endMs === null || endMs > period.startMs),
  );
  const customerIds = interval?.usageCustomerIds ?? [subscription.customerId];
  const key = keyIn(alert, 'usage');
  const { startMs, endMs } = period;
  return [
    {
      key,
      intervalId: alert.id,
      customerIds,
      metricId,
      filter: null,
      dimensions: [],
      startMs,
      endMs,
    },
  ];
}

/**
 * Usage: the metric's quantity. Spend: what prices make, before adjustments. Costs: what they make after adjustments,
 * fees and minimums with it, before credits. A group's costs are what its own usage would cost alone.
 */
export function evaluate(
  alert: Alert,
  subscription: Subscription,
  period: Period,
  counted: UsageByKey,
): readonly Evaluated[] {
  if (alert.type === 'usage_exceeded') {
    const usage = counted.get(keyIn(alert, 'usage')) ?? [];
    return [{ group: [], amount: sumOf(usage.map(({ quantity }) => quantity)) }];
  }
  const charges = chargesOf(alert, subscription, period);
  const usageOf = new Map(
    charges.map(({ key }) => [key, counted.get(keyIn(alert, key)) ?? []] as const),
  );
  if (alert.groupingKeys === null) {
    return [{ group: [], amount: costOf(alert, subscription, charges, usageOf) }];
  }
  return groupsOf(alert.groupingKeys, usageOf).map(({ values, usage }) => ({
    group: values,
    amount: costOf(
      alert,
      subscription,
      charges.filter(({ terms }) => terms.kind === 'usage'),
      usage,
    ),
  }));
}

function costOf(
  { type, currency }: Alert,
  { timeline }: Subscription,
  charges: readonly Charge[],
  usage: UsageByKey,
): Decimal {
  const rated = rateCharges(charges, usage, timeline);
  // An alert of one unit counts in it; of all of them, in money.
  const counted = (amount: Decimal, { terms }: Charge): Decimal =>
    currency === null ? converted(amount, terms) : amount;
  if (type === 'spend_exceeded') {
    return sumOf(rated.map(({ charge, amount }) => counted(amount, charge)));
  }
  const adjusted = adjustCharges(rated, timeline.adjustments, placesOf);
  return sumOf(adjusted.map((one) => counted(one.amount, one.rated.charge)));
}

/** Charges of the running period in the alert's currency, that fit its filters. */
const chargesOf = (
  { currency, priceFilters }: Alert,
  { timeline }: Subscription,
  period: Period,
): readonly Charge[] =>
  chargesIn(timeline, period).filter(
    ({ terms, interval }) =>
      (currency === null || terms.currency === currency) &&
      fitsFilters(priceFilters ?? [], interval.price),
  );

/** Usage of each group by itself, still split as its prices need it. */
function groupsOf(
  keys: readonly string[],
  usageOf: UsageByKey,
): readonly { values: readonly (string | null)[]; usage: UsageByKey }[] {
  const groups = new Map<
    string,
    { values: readonly (string | null)[]; usage: Map<string, Usage> }
  >();
  for (const [key, usage] of usageOf) {
    for (const row of usage) {
      const values = keys.map((name) => row.values[name] ?? null);
      const name = JSON.stringify(values);
      const group = groups.get(name) ?? { values, usage: new Map<string, Usage>() };
      group.usage.set(key, [...(group.usage.get(key) ?? []), row]);
      groups.set(name, group);
    }
  }
  return [...groups.values()];
}

/** Alerts ask for the same charges in different ways. */
const keyIn = ({ id }: Alert, key: string): string => `${id} ${key}`;
