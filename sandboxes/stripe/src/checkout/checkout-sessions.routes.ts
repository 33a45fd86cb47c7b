import { expireSession, lockSession, readSession } from './checkout-session.js';
import { toList } from '../http/expand.js';
import type { Work } from '../world/work.js';
import { buildCheckoutSession } from './build-session.js';
import { checkAmount } from '../payments/amount.js';
import type {
  CheckoutSessionSecret,
  LineItem,
  MethodType,
  SessionSubscription,
} from '../world/objects.js';
import {
  created,
  ignored,
  integer,
  list,
  listShape,
  metadata,
  object,
  oneOf,
  required,
  text,
  url,
  type ParamsOf,
} from '../http/params.js';
import { invalidRequest } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute } from '../http/api-route.js';
import { lineItemParams, readLineItems } from './line-items.js';
import { methodTypesShape, openMethodTypes } from '../customers/method-params.js';
import { needLiving } from '../customers/customers.js';
import { mergeMetadata } from '../http/metadata.js';

const HOUR_SECONDS = 3_600;
const TTL_SECONDS_MAX = 24 * HOUR_SECONDS;
/** A request takes time: `expires_at` of exactly 24 hours must not fail on the way. */
const TTL_GRACE_SECONDS = 60;

const createShape = {
  mode: required(oneOf('payment', 'setup', 'subscription')),
  ui_mode: oneOf('hosted_page', 'hosted'),
  success_url: required(url()),
  cancel_url: url(),
  line_items: list(required(lineItemParams), 100),
  currency: text(3),
  customer: text(255),
  customer_email: text(800),
  customer_creation: oneOf('always', 'if_required'),
  client_reference_id: text(200),
  expires_at: integer(),
  locale: text(10),
  metadata: metadata(),
  payment_intent_data: object({
    description: text(1_000),
    metadata: metadata(),
    receipt_email: text(800),
    setup_future_usage: oneOf('off_session', 'on_session'),
    capture_method: oneOf('automatic', 'automatic_async'),
    statement_descriptor: ignored(),
    statement_descriptor_suffix: ignored(),
  }),
  ...methodTypesShape,
  setup_intent_data: object({ description: text(1_000), metadata: metadata() }),
  subscription_data: object({
    description: text(500),
    metadata: metadata(),
    trial_period_days: integer(1, 730),
    billing_mode: ignored(),
    invoice_settings: ignored(),
    proration_behavior: ignored(),
    trial_settings: ignored(),
  }),
  payment_method_collection: oneOf('always', 'if_required'),
  customer_update: ignored(),
  submit_type: oneOf('auto', 'book', 'donate', 'pay'),
  adaptive_pricing: ignored(),
  allow_promotion_codes: ignored(),
  automatic_tax: ignored(),
  billing_address_collection: ignored(),
  branding_settings: ignored(),
  custom_text: ignored(),
  invoice_creation: ignored(),
  payment_method_options: ignored(),
  phone_number_collection: ignored(),
  saved_payment_method_options: ignored(),
  tax_id_collection: ignored(),
} as const;

type CreateParams = ParamsOf<typeof createShape>;

export const CHECKOUT_SESSION_ROUTES: readonly ApiRoute[] = [
  route('POST', '/v1/checkout/sessions', createShape, async (work, params) => {
    if (params.customer !== undefined && params.customer_email !== undefined) {
      throw invalidRequest(
        'You may only specify one of these parameters: customer, customer_email.',
        {
          param: 'customer_email',
        },
      );
    }
    const isSetup = params.mode === 'setup';
    checkMode(params);
    const trialDays = params.subscription_data?.trial_period_days ?? 0;
    const options = { isSubscription: params.mode === 'subscription', isFree: trialDays > 0 };
    const lineItems = isSetup ? [] : await readLineItems(work, params.line_items ?? [], options);
    const currency = lineItems[0]?.currency ?? null;
    const amountTotal = lineItems.reduce((sum, item) => sum + item.amount_total, 0);
    if (currency !== null && trialDays === 0) checkAmount(amountTotal, currency, 'line_items');
    const customer =
      params.customer === undefined ? null : await needLiving(work, params.customer, 'customer');
    const id = work.id('checkout.session', 58);
    const session = buildCheckoutSession({
      id,
      created: work.now,
      mode: params.mode,
      amountTotal: isSetup ? null : amountTotal,
      currency,
      methodTypes: typesOf(params, currency),
      expiresAt: readExpiry(work, params.expires_at),
      successUrl: params.success_url,
      cancelUrl: params.cancel_url ?? null,
      clientReferenceId: params.client_reference_id ?? null,
      customer: customer?.id ?? null,
      customerEmail: params.customer_email ?? null,
      customerCreation: params.customer_creation ?? 'if_required',
      locale: params.locale ?? null,
      submitType: params.submit_type ?? null,
      metadata: params.metadata ?? {},
      url: `${work.settings.publicUrl}/c/pay/${id}`,
    });
    await work.tx.insert('checkout.session', session, buildSecret(params, lineItems));
    return session;
  }),

  route(
    'GET',
    '/v1/checkout/sessions',
    {
      ...listShape,
      created: created(),
      customer: text(255),
      payment_intent: text(255),
      status: oneOf('open', 'complete', 'expired'),
    },
    (work, params) => {
      const { customer, payment_intent, status } = params;
      const where = { customer, payment_intent, status };
      return listAnswer(work, 'checkout.session', params, where, '/v1/checkout/sessions');
    },
  ),

  route('GET', '/v1/checkout/sessions/:id', {}, async (work, _params, id) => {
    return (await readSession(work, id, 'session')).body;
  }),

  route('POST', '/v1/checkout/sessions/:id', { metadata: metadata() }, async (work, params, id) => {
    const { body } = await lockSession(work, id, 'session');
    const merged = mergeMetadata(body.metadata, params.metadata);
    return work.patch('checkout.session', body, { metadata: merged });
  }),

  route('POST', '/v1/checkout/sessions/:id/expire', {}, async (work, _params, id) => {
    const stored = await lockSession(work, id, 'session');
    const { body } = stored;
    if (body.status === 'open') return expireSession(work, stored);
    throw invalidRequest(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a ` +
        `status of ${body.status}.`,
    );
  }),

  route('GET', '/v1/checkout/sessions/:id/line_items', listShape, async (work, _params, id) => {
    const { secret } = await readSession(work, id, 'session');
    return toList(secret.line_items, `/v1/checkout/sessions/${id}/line_items`, false);
  }),
];

const FOREIGN = {
  payment: ['setup_intent_data', 'subscription_data', 'payment_method_collection'],
  setup: ['line_items', 'payment_intent_data', 'submit_type', 'subscription_data'],
  subscription: ['customer_creation', 'payment_intent_data', 'setup_intent_data'],
} as const;

/** Refuses parameters of one mode in another, as Stripe does. */
function checkMode(params: CreateParams): void {
  const isSetup = params.mode === 'setup';
  const wrong = FOREIGN[params.mode];
  for (const name of wrong) {
    if (params[name] === undefined) continue;
    throw invalidRequest(`You can not pass \`${name}\` in \`${params.mode}\` mode.`, {
      param: name,
    });
  }
  const isOpen = params.allowed_payment_method_types === undefined;
  if (isSetup && params.currency === undefined && isOpen) {
    throw invalidRequest(
      '`currency` is required in `setup` mode when you do not name `allowed_payment_method_types`.',
      { code: 'parameter_missing', param: 'currency' },
    );
  }
}

function typesOf(params: CreateParams, currency: string | null): readonly MethodType[] {
  return openMethodTypes(params, currency ?? params.currency?.toLowerCase() ?? '');
}

function buildSecret(params: CreateParams, lineItems: readonly LineItem[]): CheckoutSessionSecret {
  const data = params.payment_intent_data;
  return {
    line_items: lineItems,
    payment_intent_data: {
      description: data?.description ?? null,
      metadata: data?.metadata ?? {},
      receipt_email: data?.receipt_email ?? null,
      setup_future_usage: data?.setup_future_usage ?? null,
    },
    setup_intent_data: {
      description: params.setup_intent_data?.description ?? null,
      metadata: params.setup_intent_data?.metadata ?? {},
    },
    customer_creation: params.customer_creation ?? 'if_required',
    ...(params.mode === 'subscription'
      ? { subscription_data: subscriptionOf(params, lineItems) }
      : {}),
  };
}

function subscriptionOf(params: CreateParams, lineItems: readonly LineItem[]): SessionSubscription {
  const data = params.subscription_data;
  return {
    items: lineItems.map((item) => ({ price: item.price.id, quantity: item.quantity })),
    description: data?.description ?? null,
    metadata: data?.metadata ?? {},
    trialDays: data?.trial_period_days ?? 0,
  };
}

/** Stripe's bounds: from 30 minutes (`sessionTtlSecondsMin`) to 24 hours; 24 hours when not given. */
function readExpiry(work: Work, given: number | undefined): number {
  if (given === undefined) return work.now + TTL_SECONDS_MAX;
  const ttlSeconds = given - work.now;
  if (ttlSeconds < work.settings.sessionTtlSecondsMin - TTL_GRACE_SECONDS) {
    throw invalidRequest(
      `The \`expires_at\` timestamp must be at least ${work.settings.sessionTtlSecondsMin} seconds ` +
        'from Checkout Session creation.',
      { param: 'expires_at' },
    );
  }
  if (ttlSeconds > TTL_SECONDS_MAX + TTL_GRACE_SECONDS) {
    throw invalidRequest(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      { param: 'expires_at' },
    );
  }
  return given;
}
