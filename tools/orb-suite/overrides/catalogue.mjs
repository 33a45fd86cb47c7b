import { instant, unique } from '../fixtures.mjs';
import { omit, oneName, timeframe } from './shared.mjs';

const evaluations = {
  body: async (f, body) => {
    const { id } = await f.of('price');
    const events = body.events?.map((event) => oneName({ ...event, timestamp: instant(-1) }));
    return {
      ...oneName({ customer_id: (await f.of('customer')).id, ...body }),
      ...timeframe,
      price_evaluations: [{ price_id: id }],
      ...(events ? { events } : {}),
    };
  },
};

const discountOf = (body) => ({
  ...body,
  discount: {
    ...body.discount,
    percentage_discount: 0.5,
    ...(body.discount?.amount_discount ? { amount_discount: '1.00' } : {}),
    ...(body.discount?.usage_discount === 0 ? { usage_discount: 1 } : {}),
  },
});

/** A plan's or a subscription's prices and adjustments, where the suite names none that exist. */
const planVersion = {
  body: async (f, body) => ({
    version: 2,
    ...(body.add_prices
      ? {
          add_prices: [
            {
              price: {
                ...{ name: 'Added', item_id: (await f.of('item')).id, cadence: 'monthly' },
                ...{ model_type: 'unit', unit_config: { unit_amount: '1.00' }, currency: 'USD' },
                fixed_price_quantity: 1,
              },
            },
          ],
        }
      : {}),
  }),
};

const defaultVersion = { body: () => ({ version: 1 }) };

const versionPath = (name) => ({
  path: async (f) => {
    const plan = await f.of('plan');
    return { [name]: plan[name === 'plan_id' ? 'id' : name], version: '1' };
  },
});

export const CATALOGUE = {
  'create-coupon': {
    body: (f, body) => ({ ...discountOf(body), redemption_code: unique('half').slice(0, 30) }),
  },
  'create-price': { body: (f, body) => priceOf(f, body) },
  'evaluate-price': {
    body: async (f, body) => ({
      ...oneName({ customer_id: (await f.of('customer')).id, ...body }),
      ...timeframe,
      ...(body.filter ? { filter: "region = 'eu'", grouping_keys: ['region'] } : {}),
      metric_parameter_overrides: undefined,
    }),
  },
  'evaluate-multiple-prices': evaluations,
  'evaluate-preview-events': evaluations,
  'create-plan': {
    body: async (f, body) => ({
      ...omit(body, 'adjustments', 'plan_phases', 'prices'),
      external_plan_id: unique('plan'),
      prices: [
        {
          price: {
            ...{ name: 'Fee', item_id: (await f.of('item')).id, cadence: 'monthly' },
            ...{
              model_type: 'unit',
              unit_config: { unit_amount: '1.00' },
              fixed_price_quantity: 1,
            },
          },
        },
      ],
    }),
  },
  'create-plan-version': planVersion,
  'create-plan-version-external-id': planVersion,
  'set-default-version': defaultVersion,
  'set-default-version-external-id': defaultVersion,
  'fetch-plan-version': versionPath('plan_id'),
  'fetch-plan-version-external-id': versionPath('external_plan_id'),
  'unarchive-metric': {
    path: async (f) => {
      const { id } = await f.make('metric');
      await f.post('archived metric', `/metrics/${id}/archive`);
      return { metric_id: id };
    },
  },
  'update-plan': { body: newPlanName },
  'update-plan-external': { body: newPlanName },
  'create-dimensional-price-group-prices': { body: (f, body) => omit(body, 'tiers') },
  'create-dimensional-price-group': {
    body: (f, body) => ({
      ...body,
      ...(body.external_dimensional_price_group_id
        ? { external_dimensional_price_group_id: unique('group') }
        : {}),
    }),
  },
  'update-dimensional-price-group': {
    body: (f, body) =>
      body?.external_dimensional_price_group_id
        ? { ...body, external_dimensional_price_group_id: unique('group') }
        : body,
  },
  'update-dimensional-price-group-external': {
    body: (f, body) =>
      body?.external_dimensional_price_group_id
        ? { ...body, external_dimensional_price_group_id: unique('group') }
        : body,
  },
};

/** Every config of the suite has one tier or value with placeholders: bounds are made to rise, ratios to be small. */
async function priceOf(f, body) {
  const ready = omit(
    body,
    'dimensional_price_configuration',
    'invoicing_cycle_configuration',
    'billing_cycle_configuration',
    'license_type_id',
    'conversion_rate',
    'conversion_rate_config',
  );
  const config = ready[`${ready.model_type}_config`];
  if (config) delete config.scaling_factor;
  // Tiers follow one another; the last one has no end.
  for (const [at, tier] of (config?.tiers ?? []).entries()) {
    const isLast = at === config.tiers.length - 1;
    if (['bulk_with_filters', 'bulk_with_proration'].includes(ready.model_type)) {
      tier.tier_lower_bound = String(at * 10);
    } else if (ready.model_type === 'bulk') {
      if (isLast) delete tier.maximum_units;
      else tier.maximum_units = 10 * (at + 1);
    } else if (ready.model_type === 'tiered') {
      if (isLast) delete tier.last_unit;
      else tier.last_unit = 10 * (at + 1);
    }
  }
  if (ready.model_type === 'matrix_with_threshold_discounts')
    delete config.threshold_discount_groups;
  if (ready.model_type === 'cumulative_grouped_allocation') {
    Object.assign(config, { cumulative_allocation: '100', group_allocation: '10' });
  }
  if (ready.model_type === 'metered_allowance') config.allowance_grouping_value = 'free';
  const isFixed = ready.fixed_price_quantity !== undefined;
  if (!isFixed && !ready.billable_metric_id) ready.billable_metric_id = (await f.of('metric')).id;
  if (ready.billable_metric_id) delete ready.fixed_price_quantity;
  if (ready.external_price_id) ready.external_price_id = unique('price');
  return ready;
}

/** An external id names one plan of the account. */
function newPlanName(f, body) {
  return body?.external_plan_id ? { ...body, external_plan_id: unique('plan') } : body;
}
