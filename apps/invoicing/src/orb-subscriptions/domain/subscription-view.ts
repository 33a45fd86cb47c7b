import { appliesTo } from '../../billing/domain/applies-to.js';
import {
  currentPeriod,
  intervalPeriod,
  phaseAt,
  planAt,
  statusAt,
} from '../../timeline/domain/position.js';
import { settingsAt } from './settings.js';
import type {
  AdjustmentInterval,
  PriceInterval,
  Timeline,
} from '../../timeline/domain/timeline.js';
import type { Subscription } from '../../billing/domain/subscription.js';

type Fields = Readonly<Record<string, unknown>>;

/** Objects of other rooms that a subscription shows. */
export interface SubscriptionParts {
  readonly customer: Fields;
  readonly plan: Fields | null;
  /** The change that waits; null: none. */
  readonly pendingId?: string | null;
}

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOr = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** A subscription as the contract shows it at an instant. */
export function toSubscription(
  subscription: Subscription,
  { customer, plan, pendingId = null }: SubscriptionParts,
  nowMs: number,
): Fields {
  const { timeline } = subscription;
  const settings = settingsAt(subscription, nowMs);
  const period = currentPeriod(timeline, nowMs);
  const anchor = planAt(timeline, nowMs)?.anchor ?? { day: 1, month: 1, year: 2000 };
  return {
    id: subscription.id,
    name: subscription.name,
    metadata: subscription.metadata,
    customer,
    plan,
    status: statusAt(timeline, nowMs),
    start_date: iso(timeline.startMs),
    end_date: isoOr(timeline.endMs),
    created_at: subscription.createdAt.toISOString(),
    current_billing_period_start_date: isoOr(period?.startMs ?? null),
    current_billing_period_end_date: isoOr(period?.endMs ?? null),
    trial_info: { end_date: isoOr(timeline.trialEndMs) },
    active_plan_phase_order: phaseAt(timeline, nowMs),
    fixed_fee_quantity_schedule: timeline.prices.flatMap(quantitySchedule),
    default_invoice_memo: settings.default_invoice_memo,
    auto_collection: settings.auto_collection,
    auto_issuance: settings.auto_issuance,
    net_terms: settings.net_terms,
    redeemed_coupon: redeemedCoupon(timeline, nowMs),
    billing_cycle_day: anchor.day,
    billing_cycle_anchor_configuration: anchor,
    invoicing_threshold: settings.invoicing_threshold,
    price_intervals: timeline.prices.map((interval) => toPriceInterval(timeline, interval, nowMs)),
    adjustment_intervals: timeline.adjustments.map((interval) => ({
      id: interval.id,
      adjustment: interval.adjustment,
      start_date: iso(interval.startMs),
      end_date: isoOr(interval.endMs),
      applies_to_price_interval_ids: targetsOf(timeline, interval),
    })),
    ...legacyIntervals(timeline),
    pending_subscription_change: pendingId === null ? null : { id: pendingId },
  };
}

/** The further fields of a change's answer. */
export const asMutated = (subscription: Fields): Fields => ({
  ...subscription,
  changed_resources: null,
});

/** The short form of a subscription as it is shown. */
export function summaryOf(shown: Fields): Fields {
  const { id, name, metadata, status, created_at, start_date, end_date } = shown;
  const customer = shown['customer'] as Fields;
  const plan = shown['plan'] as Fields | null;
  return {
    ...{ id, name, metadata, status, created_at, start_date, end_date },
    customer: { id: customer['id'], external_customer_id: customer['external_customer_id'] },
    plan: plan && {
      ...{ id: plan['id'], external_plan_id: plan['external_plan_id'], name: plan['name'] },
    },
  };
}

export const toSummary = (
  { id, name, metadata, timeline, createdAt }: Subscription,
  customer: Fields,
  plan: Fields | null,
  nowMs: number,
): Fields => ({
  id,
  name,
  metadata,
  status: statusAt(timeline, nowMs),
  created_at: createdAt.toISOString(),
  start_date: iso(timeline.startMs),
  end_date: isoOr(timeline.endMs),
  customer: { id: customer['id'], external_customer_id: customer['external_customer_id'] },
  plan: plan && {
    id: plan['id'],
    external_plan_id: plan['external_plan_id'],
    name: plan['name'],
  },
});

function toPriceInterval(timeline: Timeline, interval: PriceInterval, nowMs: number): Fields {
  const period = intervalPeriod(timeline, interval, nowMs);
  const { price, steps } = interval;
  return {
    id: interval.id,
    start_date: iso(interval.startMs),
    end_date: isoOr(interval.endMs),
    price,
    billing_cycle_day: interval.anchor.day,
    can_defer_billing: interval.canDefer ?? false,
    fixed_fee_quantity_transitions:
      price['price_type'] === 'fixed_price'
        ? steps.slice(1).map(({ fromMs, quantity }) => ({
            price_id: price.id,
            effective_date: iso(fromMs),
            quantity: Number(quantity),
          }))
        : null,
    current_billing_period_start_date: isoOr(period?.startMs ?? null),
    current_billing_period_end_date: isoOr(period?.endMs ?? null),
    filter: interval.filter,
    usage_customer_ids: interval.usageCustomerIds,
  };
}

const quantitySchedule = ({ price, steps, endMs }: PriceInterval): readonly Fields[] =>
  steps.map(({ fromMs, quantity }, index) => ({
    price_id: price.id,
    start_date: iso(fromMs),
    end_date: isoOr(steps[index + 1]?.fromMs ?? endMs),
    quantity: Number(quantity),
  }));

const targetsOf = (timeline: Timeline, { adjustment, ...span }: AdjustmentInterval): string[] =>
  timeline.prices
    .filter(
      (interval) =>
        (span.endMs === null || interval.startMs < span.endMs) &&
        (interval.endMs === null || span.startMs < interval.endMs),
    )
    .filter(({ price }) => appliesTo(adjustment, price))
    .map(({ id }) => id);

function redeemedCoupon(timeline: Timeline, nowMs: number): Fields | null {
  const interval = timeline.adjustments.find(
    ({ couponId, endMs }) => couponId !== null && (endMs === null || endMs > nowMs),
  );
  if (!interval) return null;
  const { couponId, startMs, endMs } = interval;
  return { coupon_id: couponId, start_date: iso(startMs), end_date: isoOr(endMs) };
}

/** The older form of adjustment intervals. */
function legacyIntervals(timeline: Timeline): Fields {
  const discounts: Fields[] = [];
  const minimums: Fields[] = [];
  const maximums: Fields[] = [];
  for (const interval of timeline.adjustments) {
    const { adjustment, startMs, endMs } = interval;
    const common = {
      start_date: iso(startMs),
      end_date: isoOr(endMs),
      filters: adjustment['filters'] ?? [],
      applies_to_price_interval_ids: targetsOf(timeline, interval),
    };
    const { adjustment_type: type } = adjustment;
    if (type === 'minimum') {
      minimums.push({ ...common, minimum_amount: adjustment['minimum_amount'] });
    } else if (type === 'maximum') {
      maximums.push({ ...common, maximum_amount: adjustment['maximum_amount'] });
    } else {
      const name = type.replace('_discount', '');
      const value = type === 'tiered_percentage_discount' ? 'tiers' : type;
      discounts.push({ ...common, discount_type: name, [value]: adjustment[value] });
    }
  }
  return {
    discount_intervals: discounts,
    minimum_intervals: minimums,
    maximum_intervals: maximums,
  };
}
