import { newId } from '@orbit/kernel';
import { prepareVersion } from '../../catalogue/application/prepare-version.js';
import { missing } from '../../catalogue/application/resolve-price.js';
import type { Fields } from '../../catalogue/domain/faults.js';
import { adjustmentToResponse } from '../../catalogue/domain/adjustment-response.js';
import { priceToResponse } from '../../catalogue/domain/price-response.js';
import type { Subscription } from '../../billing/domain/subscription.js';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import type { ContractAdjustment, ContractPrice } from '../../timeline/domain/terms.js';
import type { PriceInterval, Timeline } from '../../timeline/domain/timeline.js';
import { planAt } from '../../timeline/domain/position.js';
import { stepsOf, withAddedAdjustment, withAddedPrice } from '../domain/interval-changes.js';
import {
  anchorAtStart,
  canDeferIn,
  instantOf,
  transitionsIn,
  type Touched,
} from '../domain/interval-entry.js';
import type { ChangeFacts } from './change-subscription.js';
import { currencyFault, offerFault, ownAdjustment, writeOrRepeat } from './prepare-overrides.js';
import type { AdjustmentEntry, IntervalDraft, IntervalsAsked } from './read-intervals.js';

interface Added {
  readonly timeline: Timeline;
  readonly touched: readonly Touched[];
  readonly write: () => Promise<void>;
}

/** Adds the intervals of a request; prices that are new with it are written later. */
export async function addIntervals(
  body: Fields,
  facts: ChangeFacts,
  before: Timeline,
  asked: IntervalsAsked,
): Promise<Outcome<Added>> {
  const { subscription, customer, nowMs, tx } = facts;
  const { accountId } = subscription;
  const known = new Set(before.prices.map(({ price }) => price.id));
  const found = new Map<IntervalDraft, ContractPrice>();
  const licensing = new Map<string, Pick<PriceInterval, 'licenseAllocations'>>();
  for (const draft of asked.added) {
    const { source, field } = draft;
    if (source.kind !== 'known') continue;
    const where = `${field}.${'id' in source.name ? 'price_id' : 'external_price_id'}`;
    const offer = await tx.offers.offer(accountId, source.name);
    const text = 'id' in source.name ? source.name.id : source.name.externalId;
    if (!offer) return { ok: false, refusal: missing(where, 'price', text) };
    const had = await hadIds(facts, known);
    const fault = offerFault(offer, had);
    if (fault !== null) return against(`${where}: ${fault}`);
    found.set(draft, priceToResponse(offer.price) as ContractPrice);
    const { id, licenseAllocations } = offer.price;
    if (licenseAllocations.length > 0) licensing.set(id, { licenseAllocations });
  }
  const made = await prepareVersion(
    { tx: tx.offers, metrics: asked.metrics, accountId, nowMs, idMs: nowMs },
    {
      prices: asked.added.flatMap(({ source, field }) =>
        source.kind === 'new'
          ? [
              {
                ...{
                  field: `${field}.${source.part ?? 'price'}`,
                  draft: source.draft,
                  needsItem: false,
                },
                ...{ phaseOrder: null, referenceId: null, replacesPriceId: null },
              },
            ]
          : [],
      ),
      adjustments: asked.adjustments.flatMap(({ draft }) => draft ?? []),
      keptPriceIds: [...known, ...[...found.values()].map(({ id }) => id)],
    },
  );
  if ('code' in made) return { ok: false, refusal: made };
  const fresh = made.prices.map(({ price }) => priceToResponse({ ...price, planPhaseOrder: null }));
  let timeline = before;
  const touched: Touched[] = [];
  for (const draft of asked.added) {
    const price = found.get(draft) ?? (fresh.shift() as ContractPrice | undefined);
    if (!price) return wrong(`${draft.field}: names no price`);
    const plan = { invoicingCurrency: customer.currency ?? 'USD' };
    const strange = currencyFault(draft, price, plan);
    if (strange !== null) return against(strange);
    const given = { price, ...licensing.get(price.id) };
    const added = addPrice(body, draft, given, timeline, subscription, nowMs);
    if (!added.ok) return added;
    ({ timeline } = added.value);
    touched.push(added.value.touched);
  }
  const adjustments = made.adjustments.map((one) => adjustmentToResponse(one));
  for (const entry of asked.adjustments) {
    const adjustment = entry.draft
      ? (adjustments.shift() as ContractAdjustment | undefined)
      : await knownAdjustment(entry, facts);
    if (!adjustment) {
      const id = String(entry.entry['adjustment_id']);
      return { ok: false, refusal: missing(`${entry.field}.adjustment_id`, 'adjustment', id) };
    }
    const added = addAdjustment(entry, adjustment, timeline, subscription, nowMs);
    if (!added.ok) return added;
    timeline = added.value;
  }
  return ok({ timeline, touched, write: () => writeOrRepeat(tx.offers, accountId, made.prices) });
}

/** Prices that the subscription has or its plan brought may be taken again. */
async function hadIds(
  { subscription, nowMs, tx }: ChangeFacts,
  known: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const { timeline, accountId } = subscription;
  const span = planAt(timeline, nowMs);
  const plan = span && (await tx.catalogue.planView(accountId, span.planId, span.version));
  const prices = (plan?.['prices'] ?? []) as readonly { readonly id: string }[];
  return new Set([...known, ...prices.map(({ id }) => id)]);
}

function addPrice(
  body: Fields,
  { field, entry, effects }: IntervalDraft,
  { price, ...given }: Pick<PriceInterval, 'price' | 'licenseAllocations'>,
  timeline: Timeline,
  { timeline: asItWas }: Subscription,
  nowMs: number,
): Outcome<{ readonly timeline: Timeline; readonly touched: Touched }> {
  const start = instantOf(entry['start_date'], `${field}.start_date`, asItWas, nowMs);
  if (!start.ok) return start;
  const end = instantOf(entry['end_date'] ?? null, `${field}.end_date`, asItWas, nowMs);
  if (!end.ok) return end;
  const span = { startMs: start.value as number, endMs: end.value };
  const transitions = transitionsIn(entry, field, timeline.timezone);
  if (!transitions.ok) return transitions;
  const quantity = String((price['fixed_price_quantity'] ?? 1) as number);
  const first = price['price_type'] === 'fixed_price' ? [{ fromMs: span.startMs, quantity }] : [];
  const where = `${field}.fixed_fee_quantity_transitions`;
  const steps = stepsOf({ price, steps: first }, span, transitions.value ?? undefined, where);
  if (!steps.ok) return steps;
  const canDefer = canDeferIn(entry, body, span.endMs);
  const isUsage = price['price_type'] === 'usage_price';
  const interval: PriceInterval = {
    ...{ id: newId('pi', nowMs), price, ...span, steps: steps.value, isTrial: false, ...given },
    ...{ anchor: anchorAtStart(timeline, span.startMs), phaseOrder: null },
    filter: isUsage ? ((entry['filter'] ?? null) as string | null) : null,
    usageCustomerIds: isUsage
      ? ((entry['usage_customer_ids'] ?? null) as readonly string[] | null)
      : null,
    ...(canDefer === null ? {} : { canDefer }),
  };
  const added = withAddedPrice(timeline, field, interval);
  if (!added.ok) return added;
  const own = effects.map((effect) => {
    const { adjustment } = ownAdjustment(effect, { price, ...span, quantity: null }, nowMs);
    return { id: newId('pi', nowMs), adjustment, ...span, phaseOrder: null, couponId: null };
  });
  const changed = added.value.timeline;
  return ok({
    timeline: { ...changed, adjustments: [...changed.adjustments, ...own] },
    touched: { field, ids: added.value.ids, hasDay: false },
  });
}

function addAdjustment(
  { field, entry }: AdjustmentEntry,
  adjustment: ContractAdjustment,
  timeline: Timeline,
  { timeline: asItWas }: Subscription,
  nowMs: number,
): Outcome<Timeline> {
  const start = instantOf(entry['start_date'], `${field}.start_date`, asItWas, nowMs);
  if (!start.ok) return start;
  const end = instantOf(entry['end_date'] ?? null, `${field}.end_date`, asItWas, nowMs);
  if (!end.ok) return end;
  return withAddedAdjustment(timeline, field, {
    ...{ id: newId('pi', nowMs), adjustment, phaseOrder: null, couponId: null },
    ...{ startMs: start.value as number, endMs: end.value },
  });
}

/** Of this subscription or its plan; a coupon's is redeemed, not added. */
async function knownAdjustment(
  { entry }: AdjustmentEntry,
  { subscription, nowMs, tx }: ChangeFacts,
): Promise<ContractAdjustment | undefined> {
  const id = String(entry['adjustment_id']);
  const { timeline, accountId } = subscription;
  const own = timeline.adjustments.find((one) => one.adjustment.id === id && one.couponId === null);
  if (own) return own.adjustment;
  const span = planAt(timeline, nowMs);
  const plan = span && (await tx.catalogue.planView(accountId, span.planId, span.version));
  const offered = (plan?.['adjustments'] ?? []) as readonly ContractAdjustment[];
  return offered.find((one) => one.id === id);
}
