import { createMethod, needMethod } from '../application/payments.js';
import type { Work } from '../application/sandbox.js';
import { checkCard, TEST_CARDS, type AcceptedCard } from '../domain/card.js';
import {
  flag,
  ignored,
  integer,
  listShape,
  metadata,
  object,
  oneOf,
  required,
  text,
} from '../domain/params.js';
import { invalidRequest, StripeError } from '../domain/stripe-error.js';
import { listAnswer, route, type ApiRoute } from './api-route.js';
import { mergeMetadata, needLiving } from './customers.routes.js';

/** A card by number (test numbers only) or by Stripe's test token (`tok_visa`). */
export const cardData = object({
  number: text(30),
  exp_month: integer(1, 12),
  exp_year: integer(),
  cvc: text(4),
  token: text(100),
});

type CardData = NonNullable<ReturnType<typeof cardData>>;

const billingDetails = object({
  email: text(800),
  name: text(256),
  phone: ignored(),
  address: ignored(),
});

export const PAYMENT_METHOD_ROUTES: readonly ApiRoute[] = [
  route(
    'POST',
    '/v1/payment_methods',
    {
      type: required(oneOf('card')),
      card: required(cardData),
      billing_details: billingDetails,
      metadata: metadata(),
      allow_redisplay: ignored(),
    },
    async (work, params) => {
      const { body } = await createMethod(work, {
        accepted: acceptCard(work, params.card, 'card'),
        name: params.billing_details?.name ?? null,
        email: params.billing_details?.email ?? null,
        customer: null,
        metadata: params.metadata ?? {},
      });
      return body;
    },
  ),

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
      const method = await needMethod(work, id, 'payment_method');
      const owner = method.body.customer;
      if (owner !== null && owner !== customer.id) {
        throw invalidRequest(
          'The payment method you provided has already been attached to a customer.',
          { code: 'payment_method_already_attached', param: 'payment_method' },
        );
      }
      const attached = { ...method.body, customer: customer.id };
      // Attaching proves nothing to the bank: only a payment with its owner present sets a card up.
      await work.tx.save('payment_method', attached);
      if (owner === null) work.emit('payment_method.attached', attached);
      return attached;
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
    const detached = await work.patch('payment_method', body, { customer: null });
    work.emit('payment_method.detached', detached);
    return detached;
  }),
];

/** Turns card data of the API into a test card, or refuses it with the card error that Stripe has for it. */
export function acceptCard(work: Work, given: CardData, path: string): AcceptedCard {
  const today = new Date(work.nowMs);
  if (given.token !== undefined) {
    const named = TEST_CARDS.find((card) => given.token === `tok_${card.token}`);
    if (named === undefined) {
      throw invalidRequest(`No such token: '${given.token}'`, {
        code: 'resource_missing',
        param: `${path}[token]`,
      });
    }
    return { card: named, expMonth: 12, expYear: today.getUTCFullYear() + 5 };
  }
  const checked = checkCard(
    {
      number: given.number ?? '',
      exp: `${given.exp_month ?? ''}/${given.exp_year ?? ''}`,
      cvc:
        given.cvc ??
        (TEST_CARDS.find((c) => c.number === given.number)?.brand === 'amex' ? '1234' : '123'),
    },
    { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1 },
  );
  if (checked.ok) return checked.accepted;
  const [fault] = checked.faults;
  const param = {
    card_number: 'number',
    exp: 'exp_year',
    cvc: 'cvc',
    name: 'name',
    email: 'email',
  };
  throw new StripeError(402, 'card_error', fault?.message ?? 'The card is not valid.', {
    code: fault?.code ?? 'incorrect_number',
    param: `${path}[${param[fault?.field ?? 'card_number']}]`,
  });
}
