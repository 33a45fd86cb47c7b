import { needLiving } from './customers.js';
import type { Stored } from '../world/ports.js';
import { attemptSetup, createSetup } from './setups.js';
import type { Work } from '../world/work.js';
import { mergeMetadata } from '../http/metadata.js';
import type { SetupIntent } from '../world/objects.js';
import {
  created,
  flag,
  ignored,
  listShape,
  metadata,
  object,
  oneOf,
  text,
  url,
} from '../http/params.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute, type RouteAnswer } from '../http/api-route.js';
import { methodData, methodOf, methodTypesShape, METHOD_TYPES } from './method-params.js';

const confirmShape = {
  payment_method: text(255),
  payment_method_data: methodData,
  return_url: url(),
  mandate_data: ignored(),
  payment_method_options: ignored(),
  use_stripe_sdk: flag(),
} as const;

export const SETUP_INTENT_ROUTES: readonly ApiRoute[] = [
  route(
    'POST',
    '/v1/setup_intents',
    {
      ...confirmShape,
      confirm: flag(),
      customer: text(255),
      description: text(1_000),
      metadata: metadata(),
      ...methodTypesShape,
      automatic_payment_methods: object({
        enabled: flag(),
        allow_redirects: oneOf('always', 'never'),
      }),
      usage: oneOf('off_session', 'on_session'),
    },
    async (work, params) => {
      const customer =
        params.customer === undefined ? null : await needLiving(work, params.customer, 'customer');
      const method = await methodOf(work, params, customer?.id ?? null);
      const intent = await createSetup(work, {
        customer: customer?.id ?? null,
        description: params.description ?? null,
        metadata: params.metadata ?? {},
        paymentMethod: method?.body.id ?? null,
        methodTypes: METHOD_TYPES.filter(
          (type) => params.allowed_payment_method_types?.includes(type) !== false,
        ),
        usage: params.usage ?? 'off_session',
        belongsTo: null,
      });
      return params.confirm === true ? confirm(work, intent, method, params) : intent;
    },
  ),

  route('POST', '/v1/setup_intents/:id/confirm', confirmShape, async (work, params, id) => {
    const { body } = await work.lock('setup_intent', id, 'intent');
    if (body.status === 'succeeded' || body.status === 'canceled')
      throw unexpectedState(body, 'confirm');
    const given = await methodOf(work, params, body.customer);
    const saved = body.payment_method;
    return confirm(
      work,
      body,
      given ?? (saved === null ? null : await work.lock('payment_method', saved)),
      params,
    );
  }),

  route(
    'POST',
    '/v1/setup_intents/:id/cancel',
    { cancellation_reason: oneOf('abandoned', 'duplicate', 'requested_by_customer') },
    async (work, params, id) => {
      const { body } = await work.lock('setup_intent', id, 'intent');
      if (body.status === 'succeeded' || body.status === 'canceled')
        throw unexpectedState(body, 'cancel');
      const canceled = await work.patch('setup_intent', body, {
        status: 'canceled',
        cancellation_reason: params.cancellation_reason ?? null,
        next_action: null,
      });
      work.emit('setup_intent.canceled', canceled);
      return canceled;
    },
  ),

  route('GET', '/v1/setup_intents/:id', { client_secret: text(255) }, async (work, _, id) => {
    return (await work.need('setup_intent', id, 'intent')).body;
  }),

  route(
    'POST',
    '/v1/setup_intents/:id',
    { description: text(1_000), metadata: metadata() },
    async (work, params, id) => {
      const { body } = await work.lock('setup_intent', id, 'intent');
      return work.patch('setup_intent', body, {
        description: params.description ?? body.description,
        metadata: mergeMetadata(body.metadata, params.metadata),
      });
    },
  ),

  route(
    'GET',
    '/v1/setup_intents',
    { ...listShape, created: created(), customer: text(255), payment_method: text(255) },
    (work, params) => {
      const where = { customer: params.customer, payment_method: params.payment_method };
      return listAnswer(work, 'setup_intent', params, where, '/v1/setup_intents');
    },
  ),
];

async function confirm(
  work: Work,
  intent: SetupIntent,
  method: Stored<'payment_method'> | null,
  params: { readonly return_url: string | undefined; readonly use_stripe_sdk: boolean | undefined },
): Promise<RouteAnswer> {
  if (method === null) {
    throw invalidRequest(
      'You cannot confirm this SetupIntent because it is missing a payment method.',
      { code: 'setup_intent_unexpected_state', param: 'payment_method' },
    );
  }
  const returnUrl = params.use_stripe_sdk === true ? null : (params.return_url ?? null);
  const result = await attemptSetup(work, intent, method, { isAuthenticated: false, returnUrl });
  if (result.kind !== 'declined') return result.intent;
  const { code, declineCode, message } = result.decline;
  return new StripeError(402, 'card_error', message, {
    code,
    ...(declineCode === null ? {} : { declineCode }),
    setupIntent: result.intent,
    paymentMethod: method.body,
  });
}

function unexpectedState(intent: SetupIntent, verb: string): StripeError {
  return invalidRequest(
    `You cannot ${verb} this SetupIntent because it has a status of ${intent.status}.`,
    { code: 'setup_intent_unexpected_state', setupIntent: intent },
  );
}
