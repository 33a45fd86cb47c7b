import { adjustmentBody, ORB_ID, priceBody, type Ids, type Made } from './bodies.js';
import type { OrbObject } from './orb-client.js';

interface Transition {
  readonly effective_date: string;
  readonly quantity: unknown;
}
interface Interval extends OrbObject {
  readonly start_date: string;
  readonly end_date: string | null;
  readonly price: OrbObject;
  readonly fixed_fee_quantity_transitions: readonly Transition[] | null;
}

const isOpenAt = (
  { start_date: start, end_date: end }: Pick<Interval, 'start_date' | 'end_date'>,
  nowMs: number,
) => Date.parse(start) <= nowMs && (end === null || Date.parse(end) > nowMs);

/**
 * A subscription from its current period on: what came before was billed by Orb, and stays there. Prices as they count
 * now: those of the plan, with what was replaced, removed and added since. `planPrices` are the new plan's by the old
 * price's id.
 */
export function subscriptionBody(
  subscription: OrbObject,
  planPrices: ReadonlyMap<string, OrbObject>,
  ids: Ids,
  nowMs: number,
): Made {
  const plan = subscription['plan'] as OrbObject | null;
  const planId = plan === null ? undefined : ids.get(plan.id);
  if (planId === undefined) return { ok: false, why: 'its plan is not imported' };
  const customer = ids.get((subscription['customer'] as OrbObject).id);
  if (customer === undefined) return { ok: false, why: 'its customer is not imported' };
  const intervals = (subscription['price_intervals'] as readonly Interval[]).filter((interval) =>
    isOpenAt(interval, nowMs),
  );
  const changes = priceChanges(intervals, planPrices, ids, nowMs);
  if (!changes.ok) return changes;
  const adjustments = adjustmentsOf(subscription, ids, nowMs);
  if (!adjustments.ok) return adjustments;
  const start = subscription['current_billing_period_start_date'] ?? subscription['start_date'];
  const fields = ['net_terms', 'end_date', 'default_invoice_memo', 'invoicing_threshold', 'name'];
  const kept = fields
    .map((name) => [name, subscription[name] ?? null] as const)
    .filter(([, value]) => value !== null);
  const phase = subscription['active_plan_phase_order'] ?? null;
  return {
    ok: true,
    body: {
      ...Object.fromEntries(kept),
      customer_id: customer,
      plan_id: planId,
      start_date: start,
      billing_cycle_anchor_configuration: subscription['billing_cycle_anchor_configuration'],
      trial_duration_days: 0,
      // Nothing is collected before what Orb has billed already is void here.
      auto_collection: false,
      ...(phase === null ? {} : { initial_phase_order: phase }),
      ...changes.body,
      ...adjustments.body,
      metadata: { ...(subscription['metadata'] as object), [ORB_ID]: subscription.id },
    },
  };
}

function priceChanges(
  intervals: readonly Interval[],
  planPrices: ReadonlyMap<string, OrbObject>,
  ids: Ids,
  nowMs: number,
): Made {
  const replaced: object[] = [];
  const added: object[] = [];
  const counting = new Set<string>();
  for (const interval of intervals) {
    const { price } = interval;
    const replacesId = (price['replaces_price_id'] as string | null) ?? price.id;
    const own = planPrices.get(replacesId);
    if (own !== undefined) counting.add(replacesId);
    const quantity = quantityAt(interval, nowMs);
    const isSame = quantity === null || String(quantity) === String(own?.['fixed_price_quantity']);
    if (replacesId === price.id && own !== undefined && isSame) continue;
    const made = priceBody(price, ids);
    if (!made.ok) return { ok: false, why: `price ${String(price['name'])}: ${made.why}` };
    // A name for prices is free only once, and the plan's own has it.
    const { external_price_id: _name, ...terms } = made.body;
    const body = quantity === null ? terms : { ...terms, fixed_price_quantity: quantity };
    if (own === undefined) added.push({ price: body });
    else replaced.push({ replaces_price_id: own.id, price: body });
  }
  const removed = [...planPrices]
    .filter(
      ([oldId, price]) => !counting.has(oldId) && (price['plan_phase_order'] ?? null) === null,
    )
    .map(([, price]) => ({ price_id: price.id }));
  return {
    ok: true,
    body: {
      ...(replaced.length === 0 ? {} : { replace_prices: replaced }),
      ...(added.length === 0 ? {} : { add_prices: added }),
      ...(removed.length === 0 ? {} : { remove_prices: removed }),
    },
  };
}

/** Of a fixed fee: how many it counts now; null for usage. */
function quantityAt(interval: Interval, nowMs: number): unknown {
  const past = (interval.fixed_fee_quantity_transitions ?? [])
    .filter((one) => Date.parse(one.effective_date) <= nowMs)
    .toSorted((a, b) => Date.parse(a.effective_date) - Date.parse(b.effective_date));
  return past.at(-1)?.quantity ?? interval.price['fixed_price_quantity'] ?? null;
}

/** Those that the subscription has of its own; the plan brings the plan's. */
function adjustmentsOf(subscription: OrbObject, ids: Ids, nowMs: number): Made {
  const plan = subscription['plan'] as OrbObject;
  const ofPlan = new Set((plan['adjustments'] as readonly OrbObject[]).map(({ id }) => id));
  const intervals = subscription['adjustment_intervals'] as readonly (Interval & {
    readonly adjustment: OrbObject;
  })[];
  const added: object[] = [];
  for (const interval of intervals) {
    const { adjustment, end_date: end } = interval;
    const replaces = adjustment['replaces_adjustment_id'] as string | null;
    if (!isOpenAt(interval, nowMs) || ofPlan.has(adjustment.id)) continue;
    if (replaces !== null) return { ok: false, why: 'an adjustment replaces one of the plan' };
    const made = adjustmentBody(adjustment, ids);
    if (!made.ok) return made;
    added.push({ adjustment: made.body, ...(end === null ? {} : { end_date: end }) });
  }
  return { ok: true, body: added.length === 0 ? {} : { add_adjustments: added } };
}
