import { unique } from '../fixtures.mjs';
import { omit, costs } from './shared.mjs';

export const CUSTOMERS = {
  'create-customer': {
    body: (f, body) => ({
      ...omit(
        body,
        'hierarchy',
        'accounting_sync_configuration',
        'reporting_configuration',
        'payment_configuration',
        'tax_configuration',
        'payment_provider',
        'payment_provider_id',
        'default_payment_method_id',
      ),
      ...(body.external_customer_id ? { external_customer_id: unique('crm') } : {}),
      ...(body.tax_id ? { tax_id: { country: 'DE', type: 'eu_vat', value: 'DE123456789' } } : {}),
    }),
  },
  'update-customer': { body: (f, body) => updatedCustomer(body) },
  'update-customer-external-id': { body: (f, body) => updatedCustomer(body) },
  'fetch-customer-costs': costs,
  'fetch-customer-costs-external-id': costs,
  'create-customer-balance-transaction': {
    body: (f, body) => ({ ...body, amount: '1.00' }),
  },
};

function updatedCustomer(body) {
  return {
    ...omit(
      body,
      'external_customer_id',
      'hierarchy',
      'accounting_sync_configuration',
      'reporting_configuration',
      'payment_configuration',
      'tax_configuration',
      'payment_provider',
      'payment_provider_id',
      'default_payment_method_id',
    ),
    ...(body?.tax_id ? { tax_id: { country: 'DE', type: 'eu_vat', value: 'DE123456789' } } : {}),
  };
}
