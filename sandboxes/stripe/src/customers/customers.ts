import { buildCustomer } from '../world/build-records.js';
import type { Metadata } from '../http/json.js';
import type { Customer } from '../world/objects.js';
import { resourceMissing } from '../http/stripe-error.js';
import type { Work } from '../world/work.js';

export interface NewCustomer {
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly testClock: string | null;
}

export async function createCustomer(work: Work, given: NewCustomer): Promise<Customer> {
  const customer = buildCustomer({
    ...given,
    id: work.id('customer', 14),
    created: work.now,
    invoicePrefix: work.ids.next('', 8).toUpperCase(),
  });
  await work.tx.insert('customer', customer, null);
  work.emit('customer.created', customer);
  return customer;
}

/** A customer that was not deleted, held until the transaction ends. */
export async function needLiving(work: Work, id: string, param?: string): Promise<Customer> {
  const { body } = await work.lock('customer', id, param);
  if (body.deleted) throw resourceMissing('customer', id, param);
  return body;
}

/** Makes a method the one that pays invoices; null: none. */
export async function setDefaultMethod(
  work: Work,
  customer: Customer,
  method: string | null,
): Promise<Customer> {
  const before = customer.invoice_settings.default_payment_method;
  if (before === method) return customer;
  const invoice_settings = { ...customer.invoice_settings, default_payment_method: method };
  const changed = await work.patch('customer', customer, { invoice_settings });
  work.emit('customer.updated', changed, { invoice_settings: { default_payment_method: before } });
  return changed;
}

/** Takes a method from its customer for good: Stripe never lets it be used again. */
export async function detachMethod(work: Work, id: string): Promise<void> {
  const { body, secret } = await work.lock('payment_method', id, 'payment_method');
  const owner = body.customer;
  if (owner === null) return;
  const detached = { ...body, customer: null };
  await work.tx.save('payment_method', detached, { ...secret, isDetached: true });
  work.emit('payment_method.detached', detached, { customer: owner });
  const { body: customer } = await work.lock('customer', owner);
  if (customer.invoice_settings.default_payment_method === id) {
    await setDefaultMethod(work, customer, null);
  }
}
