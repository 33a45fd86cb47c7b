import { buildBalanceTransaction } from '../domain/build-balance.js';
import { buildRefund } from '../domain/build-records.js';
import type { Charge, Refund } from '../domain/objects.js';
import {
  created,
  flag,
  integer,
  listShape,
  metadata,
  oneOf,
  text,
  type ParamsOf,
} from '../domain/params.js';
import { invalidRequest, resourceMissing } from '../domain/stripe-error.js';
import type { Work } from '../application/sandbox.js';
import { listAnswer, route, type ApiRoute } from './api-route.js';
import { mergeMetadata } from './customers.routes.js';

const refundShape = {
  charge: text(255),
  payment_intent: text(255),
  amount: integer(1),
  reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
  metadata: metadata(),
  reverse_transfer: flag(),
} as const;

const byPayment = {
  ...listShape,
  created: created(),
  charge: text(255),
  payment_intent: text(255),
} as const;

/** Charges, refunds, disputes and the movements of the balance that they make. */
export const CHARGE_ROUTES: readonly ApiRoute[] = [
  route(
    'GET',
    '/v1/charges',
    {
      ...listShape,
      created: created(),
      customer: text(255),
      payment_intent: text(255),
    },
    (work, params) => {
      const where = { customer: params.customer, payment_intent: params.payment_intent };
      return listAnswer(work, 'charge', params, where, '/v1/charges');
    },
  ),
  route('GET', '/v1/charges/:id', {}, async (work, _params, id) => {
    return (await work.need('charge', id, 'charge')).body;
  }),
  route('GET', '/v1/charges/:id/refunds', listShape, (work, params, id) =>
    listAnswer(work, 'refund', params, { charge: id }, `/v1/charges/${id}/refunds`),
  ),

  route('POST', '/v1/refunds', refundShape, createRefund),
  route('GET', '/v1/refunds', byPayment, (work, params) => {
    const where = { charge: params.charge, payment_intent: params.payment_intent };
    return listAnswer(work, 'refund', params, where, '/v1/refunds');
  }),
  route('GET', '/v1/refunds/:id', {}, async (work, _params, id) => {
    return (await work.need('refund', id)).body;
  }),
  route('POST', '/v1/refunds/:id', { metadata: metadata() }, async (work, params, id) => {
    const { body } = await work.lock('refund', id);
    return work.patch('refund', body, { metadata: mergeMetadata(body.metadata, params.metadata) });
  }),

  route('GET', '/v1/disputes', byPayment, (work, params) => {
    const where = { charge: params.charge, payment_intent: params.payment_intent };
    return listAnswer(work, 'dispute', params, where, '/v1/disputes');
  }),
  route('GET', '/v1/disputes/:id', {}, async (work, _params, id) => {
    return (await work.need('dispute', id, 'dispute')).body;
  }),

  route(
    'GET',
    '/v1/balance_transactions',
    {
      ...listShape,
      created: created(),
      source: text(255),
      type: text(60),
      currency: text(3),
    },
    (work, params) => {
      const where = { source: params.source, type: params.type, currency: params.currency };
      return listAnswer(work, 'balance_transaction', params, where, '/v1/balance_transactions');
    },
  ),
  route('GET', '/v1/balance_transactions/:id', {}, async (work, _params, id) => {
    return (await work.need('balance_transaction', id)).body;
  }),
];

async function createRefund(work: Work, params: ParamsOf<typeof refundShape>): Promise<Refund> {
  const charge = await refundedCharge(work, params);
  const left = charge.amount - charge.amount_refunded;
  if (charge.refunded) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    });
  }
  if (charge.disputed) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  }
  const amount = params.amount ?? left;
  if (amount > left) {
    throw invalidRequest(
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      { param: 'amount' },
    );
  }
  const id = work.id('refund');
  const moved = buildBalanceTransaction({
    id: work.id('balance_transaction'),
    created: work.now,
    amount: -amount,
    fee: 0,
    currency: charge.currency,
    source: id,
    type: 'refund',
    reportingCategory: 'refund',
    description: `REFUND FOR CHARGE (${charge.id})`,
  });
  await work.tx.insert('balance_transaction', moved, null);
  const refund = buildRefund({
    id,
    created: work.now,
    amount,
    charge,
    balanceTransaction: moved.id,
    reason: params.reason ?? null,
    metadata: params.metadata ?? {},
  });
  await work.tx.insert('refund', refund, null);
  const amountRefunded = charge.amount_refunded + amount;
  const changed = await work.patch('charge', charge, {
    amount_refunded: amountRefunded,
    refunded: amountRefunded === charge.amount,
  });
  work.emit('refund.created', refund);
  work.emit('charge.refunded', changed);
  return refund;
}

async function refundedCharge(work: Work, params: ParamsOf<typeof refundShape>): Promise<Charge> {
  const { charge, payment_intent: intentId } = params;
  if (charge !== undefined) return needPaid(work, charge);
  if (intentId === undefined) {
    throw invalidRequest(
      'One of the following params should be provided for this request: payment_intent or charge.',
    );
  }
  const { body: intent } = await work.lock('payment_intent', intentId, 'payment_intent');
  if (intent.status !== 'succeeded' || intent.latest_charge === null) {
    throw invalidRequest(
      `This PaymentIntent (${intentId}) does not have a successful charge to refund.`,
      { param: 'payment_intent' },
    );
  }
  return needPaid(work, intent.latest_charge);
}

async function needPaid(work: Work, id: string): Promise<Charge> {
  const { body } = await work.lock('charge', id, 'charge');
  if (!body.paid) throw resourceMissing('charge', id, 'charge');
  return body;
}
