import { closeDispute, submitEvidence } from '../refunds-disputes/disputes.js';
import { cancelRefund, createRefund, REFUND_REASONS } from '../refunds-disputes/refunds.js';
import {
  created,
  flag,
  integer,
  listShape,
  metadata,
  oneOf,
  object,
  text,
} from '../http/params.js';
import { listAnswer, route, type ApiRoute } from '../http/api-route.js';
import { mergeMetadata } from '../http/metadata.js';

const refundShape = {
  charge: text(255),
  payment_intent: text(255),
  amount: integer(1),
  reason: oneOf(...REFUND_REASONS),
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

  route('POST', '/v1/refunds', refundShape, (work, params) =>
    createRefund(work, {
      charge: params.charge,
      paymentIntent: params.payment_intent,
      amount: params.amount,
      reason: params.reason ?? null,
      metadata: params.metadata ?? {},
    }),
  ),
  route('POST', '/v1/refunds/:id/cancel', {}, (work, _params, id) => cancelRefund(work, id)),
  route('GET', '/v1/refunds', byPayment, (work, params) => {
    const where = { charge: params.charge, payment_intent: params.payment_intent };
    return listAnswer(work, 'refund', params, where, '/v1/refunds');
  }),
  route('GET', '/v1/refunds/:id', {}, async (work, _params, id) => {
    return (await work.need('refund', id)).body;
  }),
  route('POST', '/v1/refunds/:id', { metadata: metadata() }, async (work, params, id) => {
    const { body } = await work.lock('refund', id);
    const metadata = mergeMetadata(body.metadata, params.metadata);
    const changed = await work.patch('refund', body, { metadata });
    work.emit('refund.updated', changed);
    return changed;
  }),

  route('GET', '/v1/disputes', byPayment, (work, params) => {
    const where = { charge: params.charge, payment_intent: params.payment_intent };
    return listAnswer(work, 'dispute', params, where, '/v1/disputes');
  }),
  route('GET', '/v1/disputes/:id', {}, async (work, _params, id) => {
    return (await work.need('dispute', id, 'dispute')).body;
  }),
  route(
    'POST',
    '/v1/disputes/:id',
    {
      evidence: object({ uncategorized_text: text(20_000) }),
      metadata: metadata(),
      submit: flag(),
    },
    async (work, params, id) => {
      const { body } = await work.lock('dispute', id, 'dispute');
      const merged = mergeMetadata(body.metadata, params.metadata);
      await work.patch('dispute', body, { metadata: merged });
      return submitEvidence(work, id, {
        text: params.evidence?.uncategorized_text,
        isSubmitted: params.submit ?? true,
      });
    },
  ),
  route('POST', '/v1/disputes/:id/close', {}, (work, _params, id) =>
    closeDispute(work, id, 'lost'),
  ),
  route('GET', '/v1/radar/early_fraud_warnings', byPayment, (work, params) => {
    const where = { charge: params.charge, payment_intent: params.payment_intent };
    const url = '/v1/radar/early_fraud_warnings';
    return listAnswer(work, 'radar.early_fraud_warning', params, where, url);
  }),
  route('GET', '/v1/radar/early_fraud_warnings/:id', {}, async (work, _params, id) => {
    return (await work.need('radar.early_fraud_warning', id)).body;
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
