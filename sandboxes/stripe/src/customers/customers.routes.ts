import { createCustomer, needLiving } from './customers.js';
import { needMethod } from '../payments/intents.js';
import type { Work } from '../world/work.js';
import type { JsonObject } from '../http/json.js';
import { mergeMetadata, withoutEmpty } from '../http/metadata.js';
import type { Customer } from '../world/objects.js';
import { created, ignored, listShape, metadata, object, text } from '../http/params.js';
import { invalidRequest } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute } from '../http/api-route.js';
import { attachMethod } from './payment-methods.routes.js';

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

const createShape = { ...shape, payment_method: text(255), test_clock: text(255) } as const;

const DEFAULT_METHOD = 'invoice_settings[default_payment_method]';

export const CUSTOMER_ROUTES: readonly ApiRoute[] = [
  route('POST', '/v1/customers', createShape, async (work, params) => {
    const customer = await createCustomer(work, {
      email: orNull(params.email),
      name: orNull(params.name),
      phone: orNull(params.phone),
      description: orNull(params.description),
      metadata: withoutEmpty(params.metadata ?? {}),
      testClock: await clockOf(work, params.test_clock),
    });
    const given = params.payment_method;
    if (given === undefined) return customer;
    const method = await needMethod(work, given, 'payment_method');
    const attached = await attachMethod(work, method, customer);
    const wanted = params.invoice_settings?.default_payment_method;
    if (wanted === undefined) return customer;
    return setDefault(work, customer, wanted === given ? attached.id : wanted);
  }),

  route(
    'GET',
    '/v1/customers',
    { ...listShape, created: created(), email: text(512) },
    (work, params) =>
      listAnswer(work, 'customer', params, { email: params.email }, '/v1/customers'),
  ),

  route('GET', '/v1/customers/:id', {}, async (work, _params, id) => {
    const { body } = await work.need('customer', id, 'id');
    return body.deleted ? { id, object: 'customer', deleted: true } : body;
  }),

  route('POST', '/v1/customers/:id', shape, async (work, params, id) => {
    const customer = await needLiving(work, id);
    const method = params.invoice_settings?.default_payment_method;
    if (method !== undefined && method !== '') await needOwn(work, customer, method);
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
    work.emit('customer.updated', changed, changesOf(customer, changed));
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

/** Stripe clears a field that is set to the empty string. */
function orNull(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}

/** Known before the customer is: they stand on it from their first moment. */
async function clockOf(work: Work, id: string | undefined): Promise<string | null> {
  if (id === undefined) return null;
  const { body } = await work.need('test_helpers.test_clock', id, 'test_clock');
  work.travelTo(body.id, body.frozen_time * 1_000);
  return body.id;
}

/** A method of this very customer, or the refusal that Stripe has for another one. */
async function needOwn(work: Work, customer: Customer, method: string): Promise<void> {
  const { body } = await work.need('payment_method', method, DEFAULT_METHOD);
  if (body.customer === customer.id) return;
  throw invalidRequest(
    `The customer does not have a payment method with the ID ${method}. The payment method must be ` +
      'attached to the customer.',
    { code: 'resource_missing', param: DEFAULT_METHOD },
  );
}

async function setDefault(work: Work, customer: Customer, method: string): Promise<Customer> {
  await needOwn(work, customer, method);
  return work.patch('customer', customer, {
    invoice_settings: { ...customer.invoice_settings, default_payment_method: method },
  });
}

/** `previous_attributes` of the event. */
function changesOf(before: Customer, after: Customer): JsonObject {
  const names = ['email', 'name', 'phone', 'description', 'invoice_settings', 'metadata'] as const;
  const changed = names.filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return Object.fromEntries(changed.map((name) => [name, before[name]]));
}
