import { expireSession, lockSession, readSession } from '../application/checkout-session.js';
import { toList } from '../application/expand.js';
import type { Work } from '../application/work.js';
import { buildLineItem } from '../domain/build-records.js';
import { buildCheckoutSession } from '../domain/build-session.js';
import { checkAmount, checkCurrency } from '../domain/amount.js';
import type { CheckoutSessionSecret, LineItem, MethodType } from '../domain/objects.js';
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
} from '../domain/params.js';
import { invalidRequest } from '../domain/stripe-error.js';
import { listAnswer, route, type ApiRoute } from './api-route.js';
import { methodTypesShape, openMethodTypes } from './method-params.js';
import { needLiving } from '../application/customers.js';
import { mergeMetadata } from '../domain/metadata.js';

const HOUR_SECONDS = 3_600;
const TTL_SECONDS_MAX = 24 * HOUR_SECONDS;
/** A request takes time: `expires_at` of exactly 24 hours must not fail on the way. */
const TTL_GRACE_SECONDS = 60;

const lineItem = object({
  quantity: required(integer(1, 999_999)),
  adjustable_quantity: ignored(),
  price_data: required(
    object({
      currency: required(text(3)),
      unit_amount: required(integer(0)),
      tax_behavior: ignored(),
      product_data: required(
        object({
          name: required(text(250)),
          description: text(5_000),
          images: ignored(),
          metadata: metadata(),
          tax_code: ignored(),
        }),
      ),
    }),
  ),
});

const createShape = {
  mode: required(oneOf('payment', 'setup')),
  ui_mode: oneOf('hosted_page', 'hosted'),
  success_url: required(url()),
  cancel_url: url(),
  line_items: list(required(lineItem), 100),
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
    const lineItems = isSetup ? [] : buildLineItems(work, params.line_items ?? []);
    const currency = lineItems[0]?.currency ?? null;
    const amountTotal = lineItems.reduce((sum, item) => sum + item.amount_total, 0);
    if (currency !== null) checkAmount(amountTotal, currency, 'line_items');
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
    const { body } = await lockSession(work, id, 'session');
    if (body.status === 'open') return expireSession(work, body);
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

/** What belongs to one mode only is refused in another, as Stripe does. */
function checkMode(params: CreateParams): void {
  const isSetup = params.mode === 'setup';
  const wrong = isSetup
    ? (['line_items', 'payment_intent_data', 'submit_type'] as const)
    : (['setup_intent_data'] as const);
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

function buildLineItems(
  work: Work,
  given: NonNullable<CreateParams['line_items']>,
): readonly LineItem[] {
  if (given.length === 0) {
    throw invalidRequest('Missing required param: line_items.', {
      code: 'parameter_missing',
      param: 'line_items',
    });
  }
  const currencies = given.map((item, index) =>
    checkCurrency(item.price_data.currency, `line_items[${index}][price_data][currency]`),
  );
  if (new Set(currencies).size > 1) {
    throw invalidRequest('All line items must have the same currency.', { param: 'line_items' });
  }
  return given.map((item, index) =>
    buildLineItem({
      id: work.ids.next('li_', 24),
      name: item.price_data.product_data.name,
      productDescription: item.price_data.product_data.description ?? null,
      unitAmount: item.price_data.unit_amount,
      quantity: item.quantity,
      currency: currencies[index] ?? '',
      priceId: work.ids.next('price_', 24),
      productId: work.ids.next('prod_', 14),
      created: work.now,
    }),
  );
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
