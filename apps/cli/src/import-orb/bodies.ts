import type { OrbObject } from './orb-client.js';

/** Where an imported object came from; the next run knows it by this. */
export const ORB_ID = 'orb_id';

/** Ids of the old account → ids of the new one. */
export type Ids = ReadonlyMap<string, string>;

export type Made =
  | { readonly ok: true; readonly body: Record<string, unknown> }
  /** The step that a person has to do by hand. */
  | { readonly ok: false; readonly why: string };

type Fields = Readonly<Record<string, unknown>>;

const fieldOf = (of: unknown, name: string): unknown => (of as Fields | null)?.[name] ?? null;
const idIn = (of: unknown): string | null => fieldOf(of, 'id') as string | null;
/** Without what is null, so that defaults stay defaults. */
const given = (fields: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
const pick = (of: OrbObject, ...names: readonly string[]): Record<string, unknown> =>
  given(Object.fromEntries(names.map((name) => [name, of[name] ?? null])));
const noted = (of: OrbObject): { metadata: Fields } => ({
  metadata: { ...(of['metadata'] as Fields), [ORB_ID]: of.id },
});

export const itemBody = (item: OrbObject): Record<string, unknown> => ({
  ...pick(item, 'name'),
  ...noted(item),
});

export function metricBody(metric: OrbObject, ids: Ids): Made {
  const item = ids.get(idIn(metric['item']) ?? '');
  if (item === undefined) return { ok: false, why: 'its item is not imported' };
  const { name, description = null, sql } = metric;
  return { ok: true, body: { name, description, sql, item_id: item, ...noted(metric) } };
}

/** A price as it is made anew: within a plan, for a subscription, or by itself. */
export function priceBody(price: OrbObject, ids: Ids): Made {
  const model = String(price['model_type']);
  const item = ids.get(idIn(price['item']) ?? '');
  if (item === undefined) return { ok: false, why: 'its item is not imported' };
  const metricId = idIn(price['billable_metric']);
  const metric = metricId === null ? null : ids.get(metricId);
  if (metric === undefined) return { ok: false, why: 'its metric is not imported' };
  for (const [field, what] of NOT_IMPORTED) {
    if (fieldOf(price, field) !== null) return { ok: false, why: `it has ${what}` };
  }
  const isFixed = price['price_type'] === 'fixed_price';
  return {
    ok: true,
    body: {
      ...pick(price, 'name', 'model_type', `${model}_config`, 'cadence', 'currency'),
      ...pick(price, 'conversion_rate', 'conversion_rate_config', 'external_price_id'),
      ...pick(price, 'invoice_grouping_key', 'invoicing_cycle_configuration'),
      ...(price['cadence'] === 'custom' ? pick(price, 'billing_cycle_configuration') : {}),
      ...(isFixed ? pick(price, 'fixed_price_quantity') : {}),
      ...(isFixed ? { billed_in_advance: price['billing_mode'] === 'in_advance' } : {}),
      item_id: item,
      ...(metric === null ? {} : { billable_metric_id: metric }),
      ...noted(price),
    },
  };
}

const NOT_IMPORTED = [
  ['dimensional_price_configuration', 'a dimensional price group'],
  ['composite_price_filters', 'composite filters'],
  ['credit_allocation', 'a credit allocation'],
  ['license_type', 'a license type'],
] as const;

const ADJUSTMENT_FIELDS = [
  ...['adjustment_type', 'is_invoice_level', 'percentage_discount', 'amount_discount'],
  ...['usage_discount', 'minimum_amount', 'maximum_amount', 'tiers'],
];

interface Filter {
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Items name the object of an adjustment; one that names single prices is made by hand. */
export function adjustmentBody(adjustment: OrbObject, ids: Ids): Made {
  const filters = (adjustment['filters'] ?? []) as readonly Filter[];
  const mapped: Filter[] = [];
  for (const filter of filters) {
    if (filter.field === 'price_id') return { ok: false, why: 'an adjustment of single prices' };
    const values = filter.values.map((value) =>
      filter.field === 'item_id' ? ids.get(value) : value,
    );
    if (values.some((value) => value === undefined)) {
      return { ok: false, why: 'an adjustment of items that are not imported' };
    }
    mapped.push({ ...filter, values: values as string[] });
  }
  const target = mapped.length === 0 ? { applies_to_all: true } : { filters: mapped };
  const item = ids.get(fieldOf(adjustment, 'item_id') as string);
  const body = { ...pick(adjustment, ...ADJUSTMENT_FIELDS), ...(item ? { item_id: item } : {}) };
  return { ok: true, body: { ...body, ...target } };
}

export function planBody(plan: OrbObject, ids: Ids): Made {
  const prices: object[] = [];
  for (const price of plan['prices'] as readonly OrbObject[]) {
    const made = priceBody(price, ids);
    if (!made.ok) return { ok: false, why: `price ${String(price['name'])}: ${made.why}` };
    prices.push({ price: made.body, ...pick(price, 'plan_phase_order') });
  }
  const adjustments: object[] = [];
  for (const one of plan['adjustments'] as readonly OrbObject[]) {
    const made = adjustmentBody(one, ids);
    if (!made.ok) return made;
    adjustments.push({ adjustment: made.body, ...pick(one, 'plan_phase_order') });
  }
  const phases = (plan['plan_phases'] ?? []) as readonly OrbObject[];
  return {
    ok: true,
    body: {
      ...pick(plan, 'name', 'description', 'default_invoice_memo', 'net_terms', 'currency'),
      ...pick(plan, 'external_plan_id'),
      ...(plan['status'] === 'draft' ? { status: 'draft' } : {}),
      prices,
      ...(adjustments.length === 0 ? {} : { adjustments }),
      ...(phases.length === 0
        ? {}
        : {
            plan_phases: phases.map((phase) => pick(phase, 'order', 'duration', 'duration_unit')),
          }),
      ...noted(plan),
    },
  };
}

/** The parent, where there is one, comes before its children: lists are read oldest first. */
export function customerBody(customer: OrbObject, ids: Ids): Record<string, unknown> {
  const parentId = idIn(fieldOf(customer['hierarchy'], 'parent'));
  const parent = parentId === null ? undefined : ids.get(parentId);
  return {
    ...pick(customer, 'name', 'email', 'external_customer_id', 'timezone', 'currency'),
    ...pick(customer, 'shipping_address', 'billing_address', 'tax_id', 'email_delivery'),
    ...pick(customer, 'auto_collection', 'auto_issuance', 'additional_emails'),
    ...(parent === undefined ? {} : { hierarchy: { parent_customer_id: parent } }),
    ...noted(customer),
  };
}

export function creditBody(block: OrbObject, currency: string, ids: Ids): Made {
  const filters = (block['filters'] ?? []) as readonly Filter[];
  const mapped = filters.map((filter) => ({
    ...filter,
    values: filter.values.map((value) =>
      filter.field === 'item_id' ? (ids.get(value) ?? '') : value,
    ),
  }));
  if (mapped.some(({ field, values }) => field !== 'item_id' || values.includes(''))) {
    return { ok: false, why: 'it is bound to what is not imported' };
  }
  return {
    ok: true,
    body: {
      entry_type: 'increment',
      amount: block['balance'],
      currency,
      ...pick(block, 'effective_date', 'expiry_date', 'per_unit_cost_basis'),
      ...(mapped.length === 0 ? {} : { filters: mapped }),
      description: 'Imported from Orb',
      ...noted(block),
    },
  };
}
