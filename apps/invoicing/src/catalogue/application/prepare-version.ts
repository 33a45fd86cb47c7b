import type { MetricSummary } from '@orbit/contracts';
import { newId } from '@orbit/kernel';
import { mergeMetadata, type OrbRefusal } from '@orbit/orb-api';
import type { CatalogueAdjustment } from '../domain/adjustment.js';
import type { PlanAdjustmentDraft, PlanPriceDraft } from '../domain/new-plan.js';
import type { PlanTransaction } from './plan-ports.js';
import type { NewPrice } from './price-ports.js';
import { missing, resolvePrice } from './resolve-price.js';
import { externalIdTaken } from './serve-prices.js';

/** Prices and adjustments that a version adds: everything looked up, nothing written. */
export interface PreparedVersion {
  readonly prices: readonly PreparedPrice[];
  readonly adjustments: readonly CatalogueAdjustment[];
}

export interface PreparedPrice {
  readonly price: NewPrice;
  readonly phaseOrder: number | null;
  /** Its item is made when it is written. */
  readonly needsItem: boolean;
}

interface Parts {
  readonly tx: PlanTransaction;
  readonly metrics: readonly MetricSummary[];
  readonly accountId: string;
  readonly nowMs: number;
  /** Real time, of ids. */
  readonly idMs: number;
}

interface Added {
  readonly prices: readonly PlanPriceDraft[];
  readonly adjustments: readonly PlanAdjustmentDraft[];
  /** Prices that the version has besides. */
  readonly keptPriceIds: readonly string[];
}

const isRefusal = (value: object): value is OrbRefusal => 'code' in value;

/** Looks up everything that new prices and adjustments name. A refusal names the field. */
export async function prepareVersion(
  parts: Parts,
  { prices, adjustments, keptPriceIds }: Added,
): Promise<PreparedVersion | OrbRefusal> {
  const prepared: PreparedPrice[] = [];
  const idsByReference = new Map<string, string>();
  for (const entry of prices) {
    const made = await preparePrice(parts, entry);
    if (isRefusal(made)) return made;
    prepared.push(made);
    if (entry.referenceId !== null) idsByReference.set(entry.referenceId, made.price.id);
  }
  const taken = await takenIds(parts, prices);
  if (taken) return taken;
  const known = new Set([...keptPriceIds, ...prepared.map(({ price }) => price.id)]);
  const made: CatalogueAdjustment[] = [];
  for (const entry of adjustments) {
    const adjustment = await prepareAdjustment(parts, entry, idsByReference, known);
    if (isRefusal(adjustment)) return adjustment;
    made.push(adjustment);
  }
  return { prices: prepared, adjustments: made };
}

/** Writes what was prepared; the ids of its prices in order. False: an external id was taken meanwhile. */
export async function writePrices(
  { tx, accountId, nowMs, idMs }: Omit<Parts, 'metrics'>,
  prepared: readonly PreparedPrice[],
): Promise<boolean> {
  for (const { price, needsItem } of prepared) {
    const item = needsItem
      ? await tx.allocationItem(accountId, price.creditAllocation?.currency ?? '', { nowMs, idMs })
      : price.item;
    if (!(await tx.insertPrice(accountId, 'plan', { ...price, item }))) return false;
  }
  return true;
}

async function preparePrice(
  { tx, metrics, accountId, nowMs, idMs }: Parts,
  { field, draft, needsItem, phaseOrder, replacesPriceId }: PlanPriceDraft,
): Promise<PreparedPrice | OrbRefusal> {
  const resolution = needsItem
    ? { ok: true as const, resolved: await resolveWithoutItem(tx, accountId, draft, field) }
    : await resolvePrice(tx, metrics, accountId, draft, `${field}.`);
  if (!resolution.ok) return resolution.refusal;
  if (isRefusal(resolution.resolved)) return resolution.resolved;
  const price = {
    ...draft.definition,
    ...resolution.resolved,
    id: newId('price', idMs),
    externalPriceId: draft.externalPriceId,
    replacesPriceId,
    metadata: mergeMetadata({}, draft.metadata),
    createdAt: new Date(nowMs),
  };
  return { price, phaseOrder, needsItem };
}

/** Of an allocation: it has neither a metric nor dimensions, and its item is made when it is written. */
async function resolveWithoutItem(
  tx: PlanTransaction,
  accountId: string,
  { references: { licenseTypeId } }: PlanPriceDraft['draft'],
  field: string,
) {
  const licenseType =
    licenseTypeId === null ? null : await tx.licenseType(accountId, licenseTypeId);
  if (licenseTypeId !== null && !licenseType) {
    return missing(`${field}.license_type_id`, 'license type', licenseTypeId);
  }
  return { item: { id: '', name: '' }, licenseType, dimensional: null };
}

async function takenIds(
  { tx, accountId }: Parts,
  prices: readonly PlanPriceDraft[],
): Promise<OrbRefusal | null> {
  const externalIds = prices.flatMap(({ draft }) => draft.externalPriceId ?? []);
  const twice = externalIds.find((id, index) => externalIds.indexOf(id) !== index);
  const [taken] = twice === undefined ? await tx.takenPriceIds(accountId, externalIds) : [twice];
  return taken === undefined ? null : externalIdTaken(taken);
}

async function prepareAdjustment(
  { tx, accountId, idMs }: Parts,
  { field, draft, phaseOrder, replacesAdjustmentId }: PlanAdjustmentDraft,
  idsByReference: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
): Promise<CatalogueAdjustment | OrbRefusal> {
  for (const { field: inner, id } of draft.itemIds) {
    if (!(await tx.item(accountId, id))) return missing(`${field}.${inner}`, 'item', id);
  }
  const { priceIds } = draft.adjustment;
  const resolved = priceIds.map((id) => idsByReference.get(id) ?? id);
  const strange = resolved.findIndex((id) => !known.has(id));
  if (strange !== -1) {
    const where = `${field}.applies_to_price_ids[${String(strange)}]`;
    return missing(where, 'price of this plan', priceIds[strange] ?? '');
  }
  return {
    ...draft.adjustment,
    ...{ id: newId('adj', idMs), priceIds: resolved, reason: null },
    ...{ planPhaseOrder: phaseOrder, replacesAdjustmentId },
  };
}
