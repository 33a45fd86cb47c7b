import type { MetricSummary, OrbCall } from '@orbit/contracts';
import type { OrbRefusal } from '@orbit/orb-api';
import { Faults, type Fields } from '../../catalogue/domain/faults.js';
import { readAdjustments, type PlanAdjustmentDraft } from '../../catalogue/domain/new-plan.js';
import type { BillingCustomer, Subscription } from '../../billing/domain/subscription.js';
import { notBuilt, notBuiltIn, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { listOf, readOwnEffects } from '../domain/own-effects.js';
import type { OwnEffect, PriceSource } from '../domain/overrides.js';
import { readSource } from '../domain/read-overrides.js';
import { filterFault, usageCustomersIn, type AgreementReads } from './agree-on-plan.js';

/** An interval that is to be added, as far as the request alone says it. */
export interface IntervalDraft {
  readonly field: string;
  readonly entry: Fields;
  readonly source: PriceSource;
  readonly effects: readonly OwnEffect[];
}

/** A requested change of intervals, read and looked up before its transaction. */
export interface IntervalsAsked {
  readonly added: readonly IntervalDraft[];
  readonly adjustments: readonly AdjustmentEntry[];
  readonly metrics: readonly MetricSummary[];
}

export interface AdjustmentEntry {
  readonly field: string;
  readonly entry: Fields;
  /** Null: one that exists, by `adjustment_id`. */
  readonly draft: PlanAdjustmentDraft | null;
}

const LISTS = ['add', 'edit', 'add_adjustments', 'edit_adjustments'] as const;
const ENTRIES_MAX = 250;

export async function readIntervals(
  { metering }: Pick<AgreementReads, 'metering'>,
  { body, account }: OrbCall,
  customer: BillingCustomer,
  seen: Subscription,
): Promise<Outcome<IntervalsAsked>> {
  const field = notBuiltIn(body);
  if (field !== null) return notBuilt(field);
  const long = LISTS.find((list) => listOf(body, list).length > ENTRIES_MAX);
  if (long !== undefined) return wrong(`${long}: must have at most ${String(ENTRIES_MAX)} entries`);
  const faults = new Faults();
  const currency = customer.currency ?? 'USD';
  const added = listOf(body, 'add').flatMap((entry, index): readonly IntervalDraft[] => {
    const inner = faults.inside(`add[${String(index)}]`);
    const source = readSource(entry, inner, currency, null);
    const effects = readOwnEffects(entry, inner);
    faults.addFrom(inner);
    return source ? [{ field: `add[${String(index)}]`, entry, source, effects }] : [];
  });
  const adjustments = readAdjustmentEntries(body, currency, faults);
  const refusal = faults.refusal();
  if (refusal) return no(refusal);
  for (const list of ['add', 'edit'] as const) {
    for (const [index, entry] of listOf(body, list).entries()) {
      const known = usageCustomersIn(
        entry,
        customer,
        `${list}[${String(index)}].usage_customer_ids`,
      );
      if (!known.ok) return known;
    }
  }
  const named = [
    ...new Set(
      added.flatMap(({ source }) =>
        source.kind === 'new' ? (source.draft.references.metricId ?? []) : [],
      ),
    ),
  ];
  const metrics = named.length === 0 ? [] : await metering.read(account.id, named);
  const known = seen.timeline.prices.flatMap(
    ({ price }) => (price['billable_metric'] as { id: string } | null)?.id ?? [],
  );
  for (const list of ['add', 'edit'] as const) {
    for (const [index, entry] of listOf(body, list).entries()) {
      const filter = (entry['filter'] ?? null) as string | null;
      const where = `${list}[${String(index)}].filter`;
      const fault = await filterFault(metering, account.id, where, filter, [...named, ...known]);
      if (fault !== null) return wrong(fault);
    }
  }
  return ok({ added, adjustments, metrics });
}

const no = <T>(refusal: OrbRefusal): Outcome<T> => ({ ok: false, refusal });

/** Each names an adjustment that exists, or says what it does. */
function readAdjustmentEntries(
  body: Fields,
  currency: string,
  faults: Faults,
): readonly AdjustmentEntry[] {
  return listOf(body, 'add_adjustments').map((entry, index) => {
    const field = `add_adjustments[${String(index)}]`;
    const isNew = (entry['adjustment'] ?? null) !== null;
    if (isNew === ((entry['adjustment_id'] ?? null) !== null)) {
      const fault = 'give either it or adjustment_id, and one of them alone';
      faults.add(`${field}.adjustment`, fault);
    }
    if (!isNew) return { field, entry, draft: null };
    const context = { currency, orders: [] };
    const inner = new Faults();
    const { adjustment } = entry;
    const [draft = null] = readAdjustments({ list: [{ adjustment }] }, 'list', inner, context);
    for (const sentence of inner.sentences) {
      const [where = '', ...rest] = sentence.split(' ');
      faults.add(where.replace('list[0]', field), rest.join(' '));
    }
    return { field, entry, draft: draft && { ...draft, field: `${field}.adjustment` } };
  });
}
