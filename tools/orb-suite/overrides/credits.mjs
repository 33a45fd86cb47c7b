import { day, instant } from '../fixtures.mjs';
import { omit } from './shared.mjs';

const ledgerEntry = {
  body: async (f, body, { path }) => {
    const amount = 1;
    switch (body.entry_type) {
      case 'increment': {
        const {
          expiry_date: _,
          invoice_settings: __,
          effective_date: ___,
          filters: ____,
          ...rest
        } = body;
        return { ...rest, amount, ...(body.expiry_date ? { expiry_date: instant(90) } : {}) };
      }
      case 'decrement':
        return { ...body, amount };
      default: {
        const at = path.customer_id
          ? `/customers/${path.customer_id}`
          : `/customers/external_customer_id/${path.external_customer_id}`;
        const made = await f.post('credit block', `${at}/credits/ledger_entry`, {
          ...{ entry_type: 'increment', amount: 10, currency: 'USD', expiry_date: instant(90) },
        });
        const block_id = made.credit_block.id;
        const common = { ...body, amount, block_id };
        if (body.entry_type === 'expiration_change') {
          const change = omit(body, 'expiry_date', 'amount');
          return {
            ...{ ...change, block_id, target_expiry_date: day(60) },
            ...(body.amount === undefined ? {} : { amount }),
          };
        }
        if (body.entry_type === 'amendment') {
          await f.post('decrement', `${at}/credits/ledger_entry`, {
            ...{ entry_type: 'decrement', amount: 5, currency: 'USD' },
          });
        }
        return common;
      }
    }
  },
};

const topUp = {
  body: (f, body) => ({
    ...omit(body, 'expires_after', 'expires_after_unit'),
    ...{ amount: '10', threshold: '5', per_unit_cost_basis: '1.00' },
    ...(body.active_from ? { active_from: instant(1) } : {}),
    ...(body.expires_after === undefined ? {} : { expires_after: 3, expires_after_unit: 'month' }),
  }),
};

const endpointOf = (body) => ({
  ...omit(body, 'enabled_event_types'),
  ...(body.url ? { url: 'http://127.0.0.1:9/hook' } : {}),
  ...(body.enabled_event_types ? { enabled_event_types: ['invoice.issued'] } : {}),
});

const alertOf = (body) => ({
  ...omit(body, 'grouping_keys', 'price_filters', 'threshold_overrides'),
  ...(body.thresholds ? { thresholds: [{ value: 5 }], type: 'credit_balance_dropped' } : {}),
});

export const CREDITS = {
  'create-ledger-entry': ledgerEntry,
  'create-ledger-entry-external-id': ledgerEntry,
  'create-top-up': topUp,
  'create-top-up-external-id': topUp,
  'delete-top-up': {
    path: async (f) => {
      const { id, customer } = await f.make('topUp');
      return { customer_id: customer.id, top_up_id: id };
    },
  },
  'delete-top-up-external-id': {
    path: async (f) => {
      const { id, customer } = await f.make('topUp');
      return { external_customer_id: customer.external_customer_id, top_up_id: id };
    },
  },
  'disable-alert': subscriptionOfAlert(),
  'enable-alert': subscriptionOfAlert(),
  'create-customer-alert': { body: (f, body) => alertOf(body) },
  'create-customer-alert-external-customer-id': { body: (f, body) => alertOf(body) },
  'create-subscription-alert': { body: async (f, body) => usageAlertOf(f, body) },
  'create-plan-alert': { body: async (f, body) => usageAlertOf(f, body) },
  'update-alert': {
    path: async (f) => ({ alert_configuration_id: (await f.make('subscriptionAlert')).id }),
    body: () => ({ thresholds: [{ value: 7 }] }),
  },
  'create-webhook-endpoint': { body: (f, body) => endpointOf(body) },
  'update-webhook-endpoint': { body: (f, body) => endpointOf(body) },
};

function subscriptionOfAlert() {
  return {
    query: async (f, { query, path }) => {
      if (!query.has('subscription_id')) return query;
      const { id, subscription: owner } = await f.make('subscriptionAlert');
      path.alert_configuration_id = id;
      return { subscription_id: owner.id };
    },
  };
}

async function usageAlertOf(f, body) {
  return {
    type: 'usage_exceeded',
    metric_id: (await f.of('metric')).id,
    thresholds: [{ value: body.thresholds[0].value + 5 }],
  };
}
