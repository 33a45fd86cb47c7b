import { detachMethod, needLiving } from './customers.js';
import { needMethod } from '../payments/intents.js';
import type { Stored } from '../world/ports.js';
import type { Work } from '../world/work.js';
import { declineOfSaving } from './card.js';
import { mergeMetadata } from '../http/metadata.js';
import type { Customer, PaymentMethod } from '../world/objects.js';
import { flag, ignored, listShape, metadata, required, text } from '../http/params.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute } from '../http/api-route.js';
import { billingDetails, checkOwner, createGiven, methodShape } from './method-params.js';

export const PAYMENT_METHOD_ROUTES: readonly ApiRoute[] = [
  route('POST', '/v1/payment_methods', methodShape, async (work, params) => {
    return (await createGiven(work, params, '')).body;
  }),

  route(
    'GET',
    '/v1/payment_methods',
    {
      ...listShape,
      customer: text(255),
      type: text(40),
      allow_redisplay: ignored(),
    },
    (work, params) => {
      const where = { customer: params.customer, type: params.type };
      return listAnswer(work, 'payment_method', params, where, '/v1/payment_methods');
    },
  ),

  route('GET', '/v1/payment_methods/:id', {}, async (work, _params, id) => {
    return (await work.need('payment_method', id, 'payment_method')).body;
  }),

  route(
    'POST',
    '/v1/payment_methods/:id',
    {
      billing_details: billingDetails,
      metadata: metadata(),
      allow_redisplay: ignored(),
    },
    async (work, params, id) => {
      const { body } = await work.lock('payment_method', id, 'payment_method');
      const { email, name } = params.billing_details ?? {};
      return work.patch('payment_method', body, {
        billing_details: {
          ...body.billing_details,
          email: email ?? body.billing_details.email,
          name: name ?? body.billing_details.name,
        },
        metadata: mergeMetadata(body.metadata, params.metadata),
      });
    },
  ),

  route(
    'POST',
    '/v1/payment_methods/:id/attach',
    { customer: required(text(255)) },
    async (work, params, id) => {
      const customer = await needLiving(work, params.customer, 'customer');
      return attachMethod(work, await needMethod(work, id, 'payment_method'), customer);
    },
  ),

  route('POST', '/v1/payment_methods/:id/detach', { reset: flag() }, async (work, _params, id) => {
    const { body } = await work.lock('payment_method', id, 'payment_method');
    if (body.customer === null) {
      throw invalidRequest(
        'The payment method you provided is not attached to a customer so detachment is impossible.',
        { param: 'payment_method' },
      );
    }
    await detachMethod(work, id);
    return { ...body, customer: null };
  }),
];

/** Saves a method on a customer; its issuer may refuse. */
export async function attachMethod(
  work: Work,
  method: Stored<'payment_method'>,
  customer: Customer,
): Promise<PaymentMethod> {
  const owner = method.body.customer;
  if (owner !== null && owner !== customer.id) {
    throw invalidRequest(
      'The payment method you provided has already been attached to a customer.',
      { code: 'payment_method_already_attached', param: 'payment_method' },
    );
  }
  checkOwner(method, customer.id, 'payment_method');
  const refusal = declineOfSaving(method.secret.behavior);
  if (refusal !== null) {
    const { code, declineCode } = refusal;
    throw new StripeError(402, 'card_error', refusal.message, {
      code,
      ...(declineCode === null ? {} : { declineCode }),
    });
  }
  const attached = { ...method.body, customer: customer.id };
  // Attaching proves nothing to the bank: only a payment with its owner present sets a card up.
  await work.tx.save('payment_method', attached);
  if (owner === null) work.emit('payment_method.attached', attached);
  return attached;
}
