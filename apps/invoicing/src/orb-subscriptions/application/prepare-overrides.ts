import { isKept } from '../../purchases/domain/allocation.js';
import type { MetricSummary } from '@orbit/contracts';
import { newId } from '@orbit/kernel';
import type { OrbRefusal } from '@orbit/orb-api';
import { prepareVersion, type PreparedPrice } from '../../catalogue/application/prepare-version.js';
import { raced } from '../../catalogue/application/serve-plans.js';
import { missing } from '../../catalogue/application/resolve-price.js';
import type { CatalogueAdjustment } from '../../catalogue/domain/adjustment.js';
import { adjustmentToResponse } from '../../catalogue/domain/adjustment-response.js';
import { isIsoCode } from '../../catalogue/domain/faults.js';
import { priceToResponse } from '../../catalogue/domain/price-response.js';
import type { PlannedAdjustment, PlannedPrice } from '../../timeline/domain/new-timeline.js';
import type { ContractAdjustment, ContractPrice } from '../../timeline/domain/terms.js';
import type { SubscribablePlan } from '../../billing/domain/subscription.js';
import type { Overrides, OwnEffect, PriceOverride } from '../domain/overrides.js';
import { against, ok, type Outcome } from '../../billing/domain/refusals.js';
import type { Offer, Offers } from './ports.js';

/** The content of a subscription in place of its plan's, and the prices that are still to be written. */
export interface PreparedContent {
  readonly prices: readonly PlannedPrice[];
  readonly adjustments: readonly PlannedAdjustment[];
  readonly toWrite: readonly PreparedPrice[];
  /** Of prices that exist, what they give each license. */
  readonly licenseAllocations: NonNullable<SubscribablePlan['licenseAllocations']>;
}

export interface PreparationParts {
  readonly offers: Offers;
  readonly metrics: readonly MetricSummary[];
  readonly accountId: string;
  readonly nowMs: number;
  /** Of the same plan before: these ids may be taken again. */
  readonly knownPriceIds: ReadonlySet<string>;
}

const NO_DATES = { startMs: null, endMs: null } as const;
const no = <T>(refusal: OrbRefusal): Outcome<T> => ({ ok: false, refusal });

/** Looks up everything that overrides name; writes nothing. A refusal names the field. */
export async function prepareOverrides(
  parts: PreparationParts,
  plan: SubscribablePlan,
  overrides: Overrides,
): Promise<Outcome<PreparedContent>> {
  const known = await knownOffers(parts, overrides.prices);
  if (!known.ok) return known;
  const kept = plan.prices.filter(({ id }) => !overrides.removedPriceIds.has(id));
  const made = await prepareVersion(
    { ...parts, tx: parts.offers, idMs: parts.nowMs },
    {
      prices: overrides.prices.flatMap(({ field, source, phaseOrder, replacesPriceId }) =>
        source.kind === 'new'
          ? [
              {
                ...{
                  field: `${field}.${source.part ?? 'price'}`,
                  draft: source.draft,
                  needsItem: false,
                },
                ...{ phaseOrder, referenceId: source.referenceId, replacesPriceId },
              },
            ]
          : [],
      ),
      adjustments: overrides.adjustments.map(({ draft }) => draft),
      keptPriceIds: [
        ...kept.map(({ id }) => id),
        ...[...known.value.values()].map(({ price }) => price.id),
      ],
    },
  );
  if ('code' in made) return no(made);
  const fresh = [...made.prices];
  const planned = new Map<PriceOverride, PlannedPrice>();
  const effects: PlannedAdjustment[] = [];
  for (const entry of overrides.prices) {
    const price = plannedOf(entry, plan, known.value.get(entry) ?? null, fresh);
    const fault = currencyFault(entry, price.price, plan);
    if (fault !== null) return against(fault);
    planned.set(entry, price);
    effects.push(...entry.effects.map((effect) => ownAdjustment(effect, price, parts.nowMs)));
  }
  const inPlace = new Map(
    overrides.prices.flatMap((entry) => {
      const price = planned.get(entry);
      return entry.replacesPriceId !== null && price
        ? [[entry.replacesPriceId, price] as const]
        : [];
    }),
  );
  const added = overrides.prices.filter(({ replacesPriceId }) => replacesPriceId === null);
  return ok({
    prices: [
      ...kept.map((price) => inPlace.get(price.id) ?? { price, ...NO_DATES, quantity: null }),
      ...added.flatMap((entry) => planned.get(entry) ?? []),
    ],
    adjustments: [
      ...plan.adjustments
        .filter(({ id }) => !overrides.removedAdjustmentIds.has(id))
        .map((adjustment) => ({ adjustment, ...NO_DATES })),
      ...overrides.adjustments.flatMap(({ draft, startMs, endMs }, index) => {
        const adjustment = made.adjustments[index];
        const replaced = plan.adjustments.find(({ id }) => id === draft.replacesAdjustmentId);
        const phase = (replaced?.['plan_phase_order'] ?? null) as number | null;
        return adjustment
          ? [
              {
                adjustment: shown(
                  phase === null ? adjustment : { ...adjustment, planPhaseOrder: phase },
                ),
                startMs,
                endMs,
              },
            ]
          : [];
      }),
      ...effects,
    ],
    toWrite: made.prices,
    licenseAllocations: {
      ...plan.licenseAllocations,
      ...Object.fromEntries([...known.value.values()].flatMap(({ price }) => allocationsOf(price))),
    },
  });
}

/**
 * Writes what was prepared. Errors: conflict, when an external id was taken since it was looked up: all of the
 * transaction goes, and the caller may repeat it.
 */
export async function writeOrRepeat(
  offers: Offers,
  accountId: string,
  prepared: readonly PreparedPrice[],
): Promise<void> {
  for (const { price } of prepared) {
    if (!(await offers.insertPrice(accountId, 'subscription', price))) throw raced();
  }
}

const allocationsOf = ({ id, licenseAllocations }: Offer['price']) =>
  licenseAllocations.length > 0 ? [[id, licenseAllocations] as const] : [];

async function knownOffers(
  { offers, accountId, knownPriceIds }: PreparationParts,
  entries: readonly PriceOverride[],
): Promise<Outcome<ReadonlyMap<PriceOverride, Offer>>> {
  const found = new Map<PriceOverride, Offer>();
  for (const entry of entries) {
    const { source, field } = entry;
    if (source.kind !== 'known') continue;
    const { name } = source;
    const where = `${field}.${'id' in name ? 'price_id' : 'external_price_id'}`;
    const offer = await offers.offer(accountId, name);
    const text = 'id' in name ? name.id : name.externalId;
    if (!offer) return no(missing(where, 'price', text));
    const fault = offerFault(offer, knownPriceIds);
    if (fault !== null) return against(`${where}: ${fault}`);
    found.set(entry, offer);
  }
  return ok(found);
}

/** Why a subscription may not take a price; null: it may. `known`: prices that it had or its plan has. */
export function offerFault(
  { price, scope, isArchived }: Offer,
  known: ReadonlySet<string>,
): string | null {
  if (!isKept(priceToResponse(price))) {
    return 'credit that is for single items or licenses is not built yet';
  }
  if (known.has(price.id)) return null;
  if (isArchived) return `price ${price.id} is archived`;
  if (scope === 'add_on') return null;
  return `price ${price.id} is of another plan, group or subscription: only prices that are sold alone can be added`;
}

function plannedOf(
  entry: PriceOverride,
  plan: SubscribablePlan,
  offer: Offer | null,
  fresh: PreparedPrice[],
): PlannedPrice {
  const { source, phaseOrder, replacesPriceId, startMs, endMs } = entry;
  const replaced = plan.prices.find(({ id }) => id === replacesPriceId) ?? null;
  if (source.kind === 'quantity' && replaced) {
    return { price: replaced, startMs, endMs, quantity: source.quantity };
  }
  const price = source.kind === 'known' ? offer?.price : fresh.shift()?.price;
  const view = priceToResponse({
    ...(price as NonNullable<typeof price>),
    planPhaseOrder: phaseOrder,
  });
  return {
    price: {
      ...view,
      ...(replacesPriceId === null ? {} : { replaces_price_id: replacesPriceId }),
    } as ContractPrice,
    ...{ startMs, endMs, quantity: null },
  };
}

/** A price of another currency than the invoice's needs to say what it is worth in it. */
export function currencyFault(
  { field }: Pick<PriceOverride, 'field'>,
  price: ContractPrice,
  { invoicingCurrency }: Pick<SubscribablePlan, 'invoicingCurrency'>,
): string | null {
  const currency = String(price['currency']);
  if (currency === invoicingCurrency) return null;
  if (isIsoCode(currency)) {
    return `${field}: price ${price.id} is in ${currency}, the invoices are in ${invoicingCurrency}.`;
  }
  // What allocated credit costs is said in money.
  if ((price['credit_allocation'] ?? null) !== null) return null;
  const rate = price['conversion_rate'] ?? price['conversion_rate_config'] ?? null;
  return rate === null
    ? `${field}: price ${price.id} in ${currency} has no conversion rate.`
    : null;
}

/** An adjustment of one price of this subscription alone. */
export function ownAdjustment(
  effect: OwnEffect,
  { price, startMs, endMs }: PlannedPrice,
  nowMs: number,
): PlannedAdjustment {
  const itemId = (price['item'] as { id: string }).id;
  const adjustment = shown({
    ...(effect.type === 'minimum' ? { ...effect, itemId } : effect),
    ...{ id: newId('adj', nowMs), isInvoiceLevel: false, priceIds: [price.id], filters: [] },
    ...{ reason: null, replacesAdjustmentId: null },
    planPhaseOrder: (price['plan_phase_order'] ?? null) as number | null,
  });
  return { adjustment, startMs, endMs };
}

const shown = (adjustment: CatalogueAdjustment): ContractAdjustment =>
  adjustmentToResponse(adjustment) as ContractAdjustment;
