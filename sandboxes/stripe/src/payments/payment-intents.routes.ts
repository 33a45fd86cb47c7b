import { needLiving } from '../customers/customers.js';
import { followPayment } from './follow-payment.js';
import { createIntent } from './intents.js';
import { attemptPayment, type AttemptResult } from './payments.js';
import type { Stored } from '../world/ports.js';
import type { Work } from '../world/work.js';
import { checkAmount, checkCurrency } from './amount.js';
import { mergeMetadata } from '../http/metadata.js';
import type { PaymentIntent } from '../world/objects.js';
import {
  created,
  flag,
  ignored,
  integer,
  listShape,
  metadata,
  object,
  oneOf,
  required,
  text,
  url,
} from '../http/params.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute, type RouteAnswer } from '../http/api-route.js';
import {
  methodData,
  methodOf,
  methodTypesShape,
  openMethodTypes,
} from '../customers/method-params.js';

const confirmShape = {
  payment_method: text(255),
  payment_method_data: methodData,
  off_session: flag(),
  error_on_requires_action: flag(),
  return_url: url(),
  mandate: ignored(),
  mandate_data: ignored(),
  receipt_email: text(800),
  setup_future_usage: oneOf('off_session', 'on_session'),
  payment_method_options: ignored(),
  use_stripe_sdk: flag(),
} as const;

const createShape = {
  ...confirmShape,
  amount: required(integer(1)),
  currency: required(text(3)),
  confirm: flag(),
  customer: text(255),
  description: text(1_000),
  metadata: metadata(),
  ...methodTypesShape,
  automatic_payment_methods: object({ enabled: flag(), allow_redirects: oneOf('always', 'never') }),
  capture_method: oneOf('automatic', 'automatic_async'),
  confirmation_method: oneOf('automatic'),
  statement_descriptor: ignored(),
  statement_descriptor_suffix: ignored(),
} as const;

export const PAYMENT_INTENT_ROUTES: readonly ApiRoute[] = [
  route('POST', '/v1/payment_intents', createShape, async (work, params) => {
    const currency = checkCurrency(params.currency, 'currency');
    checkAmount(params.amount, currency, 'amount');
    if (params.off_session === true && params.confirm !== true) {
      throw invalidRequest('`off_session` can only be set when `confirm` is true.', {
        param: 'off_session',
      });
    }
    const customer =
      params.customer === undefined ? null : await needLiving(work, params.customer, 'customer');
    const method = await methodOf(work, params, customer?.id ?? null);
    const intent = await createIntent(work, {
      amount: params.amount,
      currency,
      customer: customer?.id ?? null,
      description: params.description ?? null,
      metadata: params.metadata ?? {},
      paymentMethod: method?.body.id ?? null,
      receiptEmail: params.receipt_email ?? null,
      setupFutureUsage: params.setup_future_usage ?? null,
      methodTypes: openMethodTypes(params, currency),
      allowRedirects: params.automatic_payment_methods?.allow_redirects ?? 'always',
      belongsTo: null,
    });
    return params.confirm === true ? confirm(work, intent, method, params) : intent;
  }),

  route('POST', '/v1/payment_intents/:id/confirm', confirmShape, async (work, params, id) => {
    const { body } = await work.lock('payment_intent', id, 'intent');
    if (['succeeded', 'canceled', 'processing'].includes(body.status))
      throw unexpectedState(body, 'confirm');
    const given = await methodOf(work, params, body.customer);
    const method =
      given ??
      (body.payment_method === null
        ? null
        : await work.lock('payment_method', body.payment_method));
    const intent: PaymentIntent = {
      ...body,
      receipt_email: params.receipt_email ?? body.receipt_email,
      setup_future_usage: params.setup_future_usage ?? body.setup_future_usage,
    };
    return confirm(work, intent, method, params);
  }),

  route(
    'POST',
    '/v1/payment_intents/:id/cancel',
    {
      cancellation_reason: oneOf('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'),
    },
    async (work, params, id) => {
      const { body } = await work.lock('payment_intent', id, 'intent');
      if (['succeeded', 'canceled', 'processing'].includes(body.status))
        throw unexpectedState(body, 'cancel');
      const canceled = await work.patch('payment_intent', body, {
        status: 'canceled',
        canceled_at: work.now,
        cancellation_reason: params.cancellation_reason ?? null,
        next_action: null,
      });
      work.emit('payment_intent.canceled', canceled);
      return canceled;
    },
  ),

  route(
    'GET',
    '/v1/payment_intents/:id',
    { client_secret: text(255) },
    async (work, _params, id) => {
      return (await work.need('payment_intent', id, 'intent')).body;
    },
  ),

  route(
    'POST',
    '/v1/payment_intents/:id',
    {
      description: text(1_000),
      metadata: metadata(),
      receipt_email: text(800),
    },
    async (work, params, id) => {
      const { body } = await work.lock('payment_intent', id, 'intent');
      return work.patch('payment_intent', body, {
        description: params.description ?? body.description,
        receipt_email: params.receipt_email ?? body.receipt_email,
        metadata: mergeMetadata(body.metadata, params.metadata),
      });
    },
  ),

  route(
    'GET',
    '/v1/payment_intents',
    { ...listShape, created: created(), customer: text(255) },
    (work, params) => {
      const where = { customer: params.customer };
      return listAnswer(work, 'payment_intent', params, where, '/v1/payment_intents');
    },
  ),
];

async function confirm(
  work: Work,
  intent: PaymentIntent,
  method: Stored<'payment_method'> | null,
  params: {
    readonly off_session: boolean | undefined;
    readonly error_on_requires_action: boolean | undefined;
    readonly return_url: string | undefined;
    readonly use_stripe_sdk: boolean | undefined;
  },
): Promise<RouteAnswer> {
  if (method === null) {
    throw invalidRequest(
      'You cannot confirm this PaymentIntent because it is missing a payment method. Give `payment_method`.',
      { code: 'payment_intent_unexpected_state', param: 'payment_method' },
    );
  }
  const isOffSession = params.off_session === true;
  const returnUrl = params.return_url ?? null;
  const chosen = intent['automatic_payment_methods'] as { allow_redirects: string } | null;
  if (!isOffSession && returnUrl === null && chosen?.allow_redirects === 'always') {
    throw invalidRequest(
      'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because ' +
        'some of these payment methods might redirect your customer off of your page, you must ' +
        'provide a `return_url`. If you do not want that, set ' +
        '`automatic_payment_methods[allow_redirects]` to `never` when you create it.',
      { param: 'return_url' },
    );
  }
  const result = await attemptPayment(work, intent, method, {
    isOffSession,
    isAuthenticated: false,
    returnUrl: params.use_stripe_sdk === true ? null : returnUrl,
  });
  if (result.kind === 'requires_action' && params.error_on_requires_action === true) {
    throw new StripeError(
      402,
      'card_error',
      'This payment required an authentication action to complete, but `error_on_requires_action` was set.',
      { code: 'authentication_required', declineCode: 'authentication_required' },
    );
  }
  await followPayment(work, result);
  return result.kind === 'declined' ? cardError(result, method) : result.intent;
}

function cardError(
  result: Extract<AttemptResult, { kind: 'declined' }>,
  method: Stored<'payment_method'>,
): StripeError {
  const { decline, chargeId, intent } = result;
  return new StripeError(402, 'card_error', decline.message, {
    code: decline.code,
    ...(decline.declineCode === null ? {} : { declineCode: decline.declineCode }),
    ...(chargeId === null ? {} : { charge: chargeId }),
    paymentIntent: intent,
    paymentMethod: method.body,
  });
}

function unexpectedState(intent: PaymentIntent, verb: string): StripeError {
  return invalidRequest(
    `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`,
    { code: 'payment_intent_unexpected_state', paymentIntent: intent },
  );
}
