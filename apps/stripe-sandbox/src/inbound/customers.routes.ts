import { buildCustomer } from '../domain/build-records.js';
import type { Metadata } from '../domain/json.js';
import type { Customer } from '../domain/objects.js';
import { created, ignored, listShape, metadata, object, text } from '../domain/params.js';
import { resourceMissing } from '../domain/stripe-error.js';
import type { Work } from '../application/sandbox.js';
import { needMethod } from '../application/payments.js';
import { listAnswer, route, type ApiRoute } from './api-route.js';

const shape = {
  email: text(512),
  name: text(256),
  phone: text(20),
  description: text(5_000),
  metadata: metadata(),
  invoice_settings: object({ default_payment_method: text(255) }),
  address: ignored(),
  shipping: ignored(),
  preferred_locales: ignored(),
  tax_exempt: ignored(),
} as const;

export const CUSTOMER_ROUTES: readonly ApiRoute[] = [
  route('POST', '/v1/customers', { ...shape, payment_method: text(255) }, async (work, params) => {
    const customer = buildCustomer({
      id: work.id('customer', 14),
      created: work.now,
      email: orNull(params.email),
      name: orNull(params.name),
      phone: orNull(params.phone),
      description: orNull(params.description),
      invoicePrefix: work.ids.next('', 8).toUpperCase(),
      metadata: withoutEmpty(params.metadata ?? {}),
    });
    await work.tx.insert('customer', customer, null);
    work.emit('customer.created', customer);
    if (params.payment_method !== undefined) {
      const method = await needMethod(work, params.payment_method, 'payment_method');
      await work.tx.save('payment_method', { ...method.body, customer: customer.id });
    }
    return customer;
  }),

  route(
    'GET',
    '/v1/customers',
    { ...listShape, created: created(), email: text(512) },
    (work, params) =>
      listAnswer(work, 'customer', params, { email: params.email }, '/v1/customers'),
  ),

  route('GET', '/v1/customers/:id', {}, async (work, _params, id) => {
    const { body } = await work.need('customer', id);
    return body.deleted ? { id, object: 'customer', deleted: true } : body;
  }),

  route('POST', '/v1/customers/:id', shape, async (work, params, id) => {
    const customer = await needLiving(work, id);
    const method = params.invoice_settings?.default_payment_method;
    if (method !== undefined && method !== '') {
      await work.need('payment_method', method, 'invoice_settings[default_payment_method]');
    }
    const changed = await work.patch('customer', customer, {
      ...(params.email === undefined ? {} : { email: orNull(params.email) }),
      ...(params.name === undefined ? {} : { name: orNull(params.name) }),
      ...(params.phone === undefined ? {} : { phone: orNull(params.phone) }),
      ...(params.description === undefined ? {} : { description: orNull(params.description) }),
      ...(method === undefined
        ? {}
        : {
            invoice_settings: {
              ...customer.invoice_settings,
              default_payment_method: orNull(method),
            },
          }),
      metadata: mergeMetadata(customer.metadata, params.metadata),
    });
    work.emit('customer.updated', changed);
    return changed;
  }),

  route('DELETE', '/v1/customers/:id', {}, async (work, _params, id) => {
    const customer = await needLiving(work, id);
    await work.patch('customer', customer, { deleted: true });
    work.emit('customer.deleted', customer);
    return { id, object: 'customer', deleted: true };
  }),

  route(
    'GET',
    '/v1/customers/:id/payment_methods',
    { ...listShape, type: text(40) },
    (work, params, id) =>
      listAnswer(
        work,
        'payment_method',
        params,
        { customer: id, type: params.type },
        `/v1/customers/${id}/payment_methods`,
      ),
  ),
];

/** A customer that was not deleted. */
export async function needLiving(work: Work, id: string, param?: string): Promise<Customer> {
  const { body } = await work.lock('customer', id, param);
  if (body.deleted) throw resourceMissing('customer', id, param);
  return body;
}

/** Stripe clears a field that is set to the empty string. */
function orNull(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}

function withoutEmpty(given: Metadata): Metadata {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

/** Given keys replace; an empty value removes its key; no `metadata` leaves all as it was. */
export function mergeMetadata(before: Metadata, given: Metadata | undefined): Metadata {
  return given === undefined ? before : withoutEmpty({ ...before, ...given });
}
