import { day, instant, unique } from '../fixtures.mjs';
import { customerOf, timeframe, costs } from './shared.mjs';

const subscription = (kind) => ({
  path: async (f) => ({ subscription_id: (await f.make(kind)).id }),
});

export const SUBSCRIPTIONS = {
  'create-subscription': {
    body: async (f, body) => ({
      ...{ customer_id: await customerOf(f), plan_id: (await f.of('plan')).id },
      ...(body?.name ? { name: body.name, metadata: body.metadata, net_terms: 10 } : {}),
    }),
  },
  'add-edit-price-intervals': {
    body: async (f, body) =>
      body?.add
        ? {
            add: [
              {
                start_date: instant(0),
                price: {
                  ...{ name: 'Added', item_id: (await f.of('item')).id, cadence: 'monthly' },
                  ...{ model_type: 'unit', unit_config: { unit_amount: '1.00' }, currency: 'USD' },
                  fixed_price_quantity: 1,
                },
              },
            ],
          }
        : body,
  },
  'cancel-subscription': {
    body: (f, body) =>
      body.cancellation_date
        ? { cancel_option: 'requested_date', cancellation_date: instant(5) }
        : body,
  },
  'redeem-coupon': {
    body: async (f) => ({ change_option: 'immediate', coupon_id: (await f.make('coupon')).id }),
  },
  'schedule-plan-change': {
    body: async (f) => ({
      ...{ change_option: 'requested_date', change_date: instant(5) },
      plan_id: (await f.make('plan')).id,
    }),
  },
  'trigger-phase': { ...subscription('phasedSubscription'), body: () => ({}) },
  'unschedule-cancellation': subscription('cancelledSubscription'),
  'unschedule-plan-change': subscription('changingSubscription'),
  'update-fixed-fee-quantity': {
    body: (f, body, { path }) =>
      fixedFee(f, path, (price_id) => ({
        ...body,
        ...{ price_id, quantity: 3 },
        ...(body.effective_date ? { change_option: 'effective_date', effective_date: day(3) } : {}),
      })),
  },
  'unschedule-fixed-fee-quantity': {
    body: (f, body, { path }) =>
      fixedFee(f, path, async (price_id) => {
        const at = `/subscriptions/${path.subscription_id}/update_fixed_fee_quantity`;
        const change = { change_option: 'effective_date', effective_date: day(3) };
        await f.post('change of quantity', at, { price_id, quantity: 4, ...change });
        return { price_id };
      }),
  },
  'update-trial': {
    ...subscription('trialSubscription'),
    body: (f, body) => ({
      ...body,
      trial_end_date: body.trial_end_date === 'immediate' ? 'immediate' : instant(5),
    }),
  },
  'fetch-subscription-costs': costs,
  'fetch-subscription-usage': {
    query: (f, { query }) => {
      const filled = Object.fromEntries(query);
      for (const name of [
        'first_dimension_key',
        'first_dimension_value',
        'second_dimension_key',
        'second_dimension_value',
        'group_by',
      ])
        delete filled[name];
      if (filled.timeframe_start) Object.assign(filled, timeframe);
      return filled;
    },
  },
  'create-license': {
    body: async (f, body) => ({
      ...{ external_license_id: unique('seat'), license_type_id: (await f.of('licenseType')).id },
      subscription_id: (await f.make('licensedSubscription')).id,
      ...(body.start_date ? { start_date: day(-1) } : {}),
    }),
  },
  'deactivate-license': { body: () => ({}) },
  'fetch-license-external-id': licenseQuery(),
  'get-license-usage-by-external-id': licenseQuery(),
  'get-license-usage-by-type': licenseQuery(),
  'list-licenses': licenseQuery(),
};

async function fixedFee(f, path, bodyOf) {
  const { price_intervals: intervals } = await f.call(
    'subscription',
    'GET',
    `/subscriptions/${path.subscription_id}`,
  );
  const { price } = intervals.find(({ price: one }) => one.fixed_price_quantity !== null);
  return bodyOf(price.id);
}

function licenseQuery() {
  const license = (f) => f.of('license');
  return {
    path: async (f, { path }) =>
      'external_license_id' in path
        ? { external_license_id: (await license(f)).external_license_id }
        : {},
    query: async (f, { query }) => {
      const { licenseType, subscription: owner } = await license(f);
      const filled = Object.fromEntries(query);
      if ('license_type_id' in filled) filled.license_type_id = licenseType.id;
      if ('subscription_id' in filled) filled.subscription_id = owner.id;
      delete filled.group_by;
      delete filled.external_license_id;
      return filled;
    },
  };
}
