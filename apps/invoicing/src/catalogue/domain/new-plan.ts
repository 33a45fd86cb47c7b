import { checkCurrency, checkText, isIsoCode, type Faults, type Fields } from './faults.js';
import { readNewAdjustment, type AdjustmentDraft } from './new-adjustment.js';
import { readLicenseAllocationPrice, readNewAllocation } from './new-allocation.js';
import { readNewPrice, type PriceDraft } from './new-price.js';
import type { CataloguePhase, PhaseUnit } from './catalogue-plan.js';

/** A price that a version adds, and where in the request it stands. */
export interface PlanPriceDraft {
  readonly field: string;
  readonly draft: PriceDraft;
  /** An allocation that names no item takes the account's for its unit. */
  readonly needsItem: boolean;
  readonly phaseOrder: number | null;
  /** Names the price inside this request alone. */
  readonly referenceId: string | null;
  readonly replacesPriceId: string | null;
}

export interface PlanAdjustmentDraft {
  readonly field: string;
  readonly draft: AdjustmentDraft;
  readonly phaseOrder: number | null;
  readonly replacesAdjustmentId: string | null;
}

export type PhaseDraft = Omit<CataloguePhase, 'id'>;

export interface PlanDraft {
  readonly name: string;
  readonly description: string;
  readonly externalPlanId: string | null;
  readonly status: 'active' | 'draft';
  readonly currency: string;
  readonly invoicingCurrency: string;
  readonly netTerms: number | null;
  readonly defaultInvoiceMemo: string | null;
  readonly metadata: unknown;
  readonly phases: readonly PhaseDraft[] | null;
  readonly prices: readonly PlanPriceDraft[];
  readonly adjustments: readonly PlanAdjustmentDraft[];
}

const ENTRIES_MAX = 250;
const PHASES_MAX = 50;
const TEXT_LENGTH_MAX = 5_000;
const EXTERNAL_ID_LENGTH_MAX = 255;
const PHASE_DURATION_MAX = 3_660;

/** Reads a plan that fits the contract (`NewPlan`). Null after a fault. */
export function readNewPlan(
  body: Fields,
  faults: Faults,
  currencyDefault: string,
): PlanDraft | null {
  const currency = String(body['currency']);
  checkCurrency(faults, 'currency', currency);
  readPlanTexts(body, faults);
  const phases = readPhases(body, faults);
  const orders = phases?.map(({ order }) => order) ?? [];
  const context = { currency, orders };
  const prices = readPrices(body, 'prices', faults, context);
  const adjustments = readAdjustments(body, 'adjustments', faults, context);
  if (!faults.isEmpty) return null;
  return {
    name: String(body['name']),
    description: textOr(body['description']) ?? '',
    externalPlanId: textOr(body['external_plan_id']),
    status: body['status'] === 'draft' ? 'draft' : 'active',
    currency,
    invoicingCurrency: isIsoCode(currency) ? currency : currencyDefault,
    netTerms: (body['net_terms'] ?? null) as number | null,
    defaultInvoiceMemo: textOr(body['default_invoice_memo']),
    metadata: body['metadata'],
    phases,
    prices,
    adjustments,
  };
}

/** Checks the names and ids of a plan; also of an update, where each may be left out. */
export function readPlanTexts(body: Fields, faults: Faults): void {
  const { name, description, external_plan_id: externalId, default_invoice_memo: memo } = body;
  if (typeof name === 'string') checkText(faults, 'name', name);
  if (typeof externalId === 'string') {
    checkText(faults, 'external_plan_id', externalId, EXTERNAL_ID_LENGTH_MAX);
  }
  for (const [field, text] of Object.entries({ description, default_invoice_memo: memo })) {
    if (typeof text === 'string' && text.length > TEXT_LENGTH_MAX) {
      faults.add(field, `must have at most ${String(TEXT_LENGTH_MAX)} characters`);
    }
  }
}

/** The surroundings of a plan's entries. */
export interface EntryContext {
  /** Of prices that name none. */
  readonly currency: string;
  /** Of the plan's phases. */
  readonly orders: readonly number[];
}

/** `prices`, `add_prices`, `replace_prices`: each entry is one price of one of three kinds. */
export function readPrices(
  body: Fields,
  list: string,
  faults: Faults,
  context: EntryContext,
): readonly PlanPriceDraft[] {
  return entriesOf(body, list, faults).flatMap(({ entry, field, inner }) => {
    const read = readEntryPrice(entry, inner, context.currency);
    const phaseOrder = readPhaseOrder(entry, inner, context);
    faults.addFrom(inner);
    if (!read) return [];
    return [
      {
        field: `${field}.${read.kind}`,
        draft: read.draft,
        needsItem: read.needsItem,
        phaseOrder,
        referenceId: textOr(((entry[read.kind] ?? {}) as Fields)['reference_id']),
        replacesPriceId: textOr(entry['replaces_price_id']),
      },
    ];
  });
}

const KINDS = ['price', 'allocation_price', 'license_allocation_price'] as const;

function readEntryPrice(
  entry: Fields,
  faults: Faults,
  currency: string,
): { kind: (typeof KINDS)[number]; draft: PriceDraft; needsItem: boolean } | null {
  const given = KINDS.filter((kind) => (entry[kind] ?? null) !== null);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    const fault =
      given.length === 0
        ? 'is required'
        : `must stand alone, beside ${given.slice(1).join(', ')} it is one too many`;
    faults.add('price', `${fault}: one of ${KINDS.join(', ')}`);
    return null;
  }
  const inner = faults.inside(kind);
  const body = entry[kind] as Fields;
  const draft = readKind(kind, body, inner, currency);
  faults.addFrom(inner);
  return draft && { kind, draft, needsItem: 'needsItem' in draft && draft.needsItem === true };
}

function readKind(
  kind: (typeof KINDS)[number],
  body: Fields,
  faults: Faults,
  currency: string,
): PriceDraft | null {
  switch (kind) {
    case 'price':
      return readNewPrice(body, faults, currency);
    case 'allocation_price':
      return readNewAllocation(body, faults);
    case 'license_allocation_price':
      return readLicenseAllocationPrice(body, faults, currency);
  }
}

export function readAdjustments(
  body: Fields,
  list: string,
  faults: Faults,
  context: EntryContext,
): readonly PlanAdjustmentDraft[] {
  return entriesOf(body, list, faults).flatMap(({ entry, field, inner }) => {
    const nested = inner.inside('adjustment');
    const draft = readNewAdjustment(entry['adjustment'] as Fields, nested);
    inner.addFrom(nested);
    const phaseOrder = readPhaseOrder(entry, inner, context);
    faults.addFrom(inner);
    const replacesAdjustmentId = textOr(entry['replaces_adjustment_id']);
    return draft ? [{ field: `${field}.adjustment`, draft, phaseOrder, replacesAdjustmentId }] : [];
  });
}

function readPhases(body: Fields, faults: Faults): readonly PhaseDraft[] | null {
  const list = (body['plan_phases'] ?? []) as readonly Fields[];
  if (list.length === 0) return null;
  if (list.length > PHASES_MAX)
    faults.add('plan_phases', `must have at most ${String(PHASES_MAX)}`);
  const phases = list.map((entry, index): PhaseDraft => {
    const inner = faults.inside(`plan_phases[${String(index)}]`);
    const order = entry['order'] as number;
    const duration = (entry['duration'] ?? null) as number | null;
    const durationUnit = (entry['duration_unit'] ?? null) as PhaseUnit | null;
    if (
      order < 1 ||
      order > list.length ||
      list.some((other, at) => at < index && other['order'] === order)
    ) {
      inner.add('order', `must be 1 to ${String(list.length)}, each once`);
    }
    if (duration !== null && duration > PHASE_DURATION_MAX) {
      inner.add('duration', `must be at most ${String(PHASE_DURATION_MAX)}`);
    }
    if ((duration === null) !== (durationUnit === null)) {
      inner.add(duration === null ? 'duration' : 'duration_unit', 'is required: both or none');
    } else if (duration === null && order < list.length) {
      inner.add('duration', 'is required: only the last phase has no end');
    }
    faults.addFrom(inner);
    return {
      ...{ name: `Phase ${String(order)}`, description: null, order, duration, durationUnit },
      alignsBilling: entry['align_billing_with_phase_start_date'] === true,
    };
  });
  return [...phases].sort((a, b) => a.order - b.order);
}

function readPhaseOrder(entry: Fields, faults: Faults, { orders }: EntryContext): number | null {
  const order = (entry['plan_phase_order'] ?? null) as number | null;
  if (order !== null && !orders.includes(order)) {
    const fault = orders.length === 0 ? 'must be null: the plan has no phases' : 'names no phase';
    faults.add('plan_phase_order', fault);
  }
  return order;
}

function entriesOf(
  body: Fields,
  list: string,
  faults: Faults,
): readonly { entry: Fields; field: string; inner: Faults }[] {
  const entries = (body[list] ?? []) as readonly Fields[];
  if (entries.length > ENTRIES_MAX) {
    faults.add(list, `must have at most ${String(ENTRIES_MAX)} entries`);
    return [];
  }
  return entries.map((entry, index) => {
    const field = `${list}[${String(index)}]`;
    return { entry, field, inner: faults.inside(field) };
  });
}

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
