import { applyChange, type ItemChange } from './change-plan.js';
import { useTimeOf } from '../controls/clocks.js';
import { collectInvoice } from './collect.js';
import { needLiving } from '../customers/customers.js';
import { cancellation, changeSubscription, endSubscription, isOver } from './subscription-state.js';
import { planNext, startSubscription } from './subscriptions.js';
import type { Work } from '../world/work.js';
import type { Subscription } from './billing-objects.js';
import { mergeMetadata } from '../http/metadata.js';
import {
  created,
  flag,
  ignored,
  integer,
  list,
  listShape,
  metadata,
  object,
  oneOf,
  required,
  text,
  type ParamsOf,
} from '../http/params.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute } from '../http/api-route.js';
import { checkOwner } from '../customers/method-params.js';
import {
  cancellationDetails,
  changedItem,
  newItem,
  priceOf,
  readItems,
} from './subscription-params.js';

const sharedShape = {
  cancel_at_period_end: flag(),
  collection_method: oneOf('charge_automatically', 'send_invoice'),
  days_until_due: integer(0, 365),
  default_payment_method: text(255),
  description: text(500),
  metadata: metadata(),
  off_session: flag(),
  payment_behavior: oneOf('allow_incomplete', 'default_incomplete', 'error_if_incomplete'),
  payment_settings: object({
    save_default_payment_method: oneOf('off', 'on_subscription'),
    payment_method_options: ignored(),
    payment_method_types: ignored(),
  }),
  proration_behavior: oneOf('create_prorations', 'always_invoice', 'none'),
  automatic_tax: ignored(),
  trial_settings: ignored(),
  billing_mode: ignored(),
} as const;

const createShape = {
  ...sharedShape,
  customer: required(text(255)),
  items: required(list(required(newItem), 20)),
  trial_period_days: integer(1, 730),
  trial_end: integer(),
  currency: text(3),
} as const;

const updateShape = {
  ...sharedShape,
  items: list(required(changedItem), 20),
  billing_cycle_anchor: oneOf('now', 'unchanged'),
  cancel_at: integer(),
  cancellation_details: cancellationDetails,
  proration_date: integer(1),
  trial_end: oneOf('now'),
} as const;

const LIST_STATUSES = [
  ...['active', 'all', 'canceled', 'ended', 'incomplete', 'incomplete_expired'],
  ...['past_due', 'trialing', 'unpaid'],
] as const;

export const SUBSCRIPTION_ROUTES: readonly ApiRoute[] = [
  route('POST', '/v1/subscriptions', createShape, create),

  route(
    'GET',
    '/v1/subscriptions',
    {
      ...listShape,
      created: created(),
      customer: text(255),
      price: text(255),
      status: oneOf(...LIST_STATUSES),
      test_clock: text(255),
    },
    async (work, params) => {
      const { customer, price, test_clock, status } = params;
      const items = price === undefined ? undefined : { data: [{ price: { id: price } }] };
      const wanted = status === 'all' || status === 'ended' ? undefined : status;
      const where = { customer, items, test_clock, status: wanted };
      const answer = await listAnswer(work, 'subscription', params, where, '/v1/subscriptions');
      // Without a status Stripe leaves out what was canceled.
      if (status !== undefined && status !== 'ended') return answer;
      const data = (answer['data'] as readonly Subscription[]).filter(
        (each) => isOver(each) === (status === 'ended'),
      );
      return { ...answer, data };
    },
  ),

  route('GET', '/v1/subscriptions/:id', {}, async (work, _params, id) => {
    return (await work.need('subscription', id)).body;
  }),

  route('POST', '/v1/subscriptions/:id', updateShape, update),

  route(
    'DELETE',
    '/v1/subscriptions/:id',
    { invoice_now: flag(), prorate: flag(), cancellation_details: cancellationDetails },
    async (work, params, id) => {
      const subscription = await needChangeable(work, id);
      return endSubscription(work, subscription, 'cancellation_requested', {
        comment: params.cancellation_details?.comment ?? null,
        feedback: params.cancellation_details?.feedback ?? null,
      });
    },
  ),

  route(
    'GET',
    '/v1/subscription_items',
    { ...listShape, subscription: required(text(255)) },
    async (work, params) => (await work.need('subscription', params.subscription)).body.items,
  ),
];

async function create(work: Work, params: ParamsOf<typeof createShape>) {
  const customer = await needLiving(work, params.customer, 'customer');
  await useTimeOf(work, customer);
  const items = await readItems(work, params.items);
  const chosen = params.default_payment_method ?? null;
  if (chosen !== null) {
    checkOwner(await work.need('payment_method', chosen), customer.id, 'default_payment_method');
  }
  const collectionMethod = params.collection_method ?? 'charge_automatically';
  const behavior = params.payment_behavior ?? 'allow_incomplete';
  const hasMethod = chosen ?? customer.invoice_settings.default_payment_method;
  const trialEnd = trialEndOf(work, params);
  const needsMethod =
    collectionMethod === 'charge_automatically' && behavior !== 'default_incomplete';
  if (needsMethod && hasMethod === null && trialEnd === null) {
    throw invalidRequest(
      'This customer has no attached payment source or default payment method. Please consider ' +
        'adding a default payment method.',
      { code: 'resource_missing' },
    );
  }
  const { subscription, invoice } = await startSubscription(work, {
    customer,
    items,
    collectionMethod,
    daysUntilDue: params.days_until_due ?? null,
    defaultPaymentMethod: chosen,
    description: params.description ?? null,
    metadata: params.metadata ?? {},
    saveDefaultPaymentMethod: params.payment_settings?.save_default_payment_method ?? 'off',
    trialEnd,
    adopted: null,
  });
  if (needsMethod && invoice.status === 'open') {
    const result = await collectInvoice(work, invoice);
    if (behavior === 'error_if_incomplete' && result?.kind === 'declined') {
      const { code, declineCode, message } = result.decline;
      throw new StripeError(402, 'card_error', message, {
        code,
        ...(declineCode === null ? {} : { declineCode }),
      });
    }
  }
  const { body: made } = await work.lock('subscription', subscription.id);
  await planNext(work, made);
  if (params.cancel_at_period_end !== true) return made;
  return work.patch('subscription', made, cancellation(work, made, true));
}

function trialEndOf(work: Work, params: ParamsOf<typeof createShape>): number | null {
  if (params.trial_end !== undefined) return params.trial_end;
  return params.trial_period_days === undefined
    ? null
    : work.now + params.trial_period_days * 86_400;
}

/** Reads a subscription that can still change, by its customer's time. */
async function needChangeable(work: Work, id: string): Promise<Subscription> {
  const { body } = await work.lock('subscription', id);
  await useTimeOf(work, await needLiving(work, body.customer));
  if (!isOver(body)) return body;
  throw invalidRequest(
    'A canceled subscription can only update its cancellation_details and metadata.',
    { code: 'resource_missing', param: 'id' },
  );
}

async function update(work: Work, params: ParamsOf<typeof updateShape>, id: string) {
  const subscription = await needChangeable(work, id);
  const others: Partial<Subscription> = {
    ...(params.default_payment_method === undefined
      ? {}
      : { default_payment_method: params.default_payment_method || null }),
    ...(params.description === undefined ? {} : { description: params.description }),
    ...(params.collection_method === undefined
      ? {}
      : { collection_method: params.collection_method }),
    ...(params.days_until_due === undefined ? {} : { days_until_due: params.days_until_due }),
    ...(params.trial_end === 'now' ? { trial_end: work.now, status: 'active' } : {}),
    ...cancelChange(work, subscription, params),
    metadata: mergeMetadata(subscription.metadata, params.metadata),
  };
  const isAnchorNow = params.billing_cycle_anchor === 'now' || params.trial_end === 'now';
  if (params.items === undefined && !isAnchorNow) {
    const changed = await changeSubscription(work, subscription, others);
    await planNext(work, changed);
    return changed;
  }
  const items: ItemChange[] = [];
  for (const [index, item] of (params.items ?? []).entries()) {
    const isKnown = subscription.items.data.some((each) => each.id === item.id);
    if (item.id !== undefined && !isKnown) {
      throw invalidRequest(`No such subscription_item: '${item.id}'`, {
        code: 'resource_missing',
        param: `items[${index}][id]`,
      });
    }
    items.push({
      id: item.id ?? null,
      price: await priceOf(work, item, `items[${index}]`),
      quantity: item.quantity ?? null,
      metadata: item.metadata ?? null,
      isDeleted: item.deleted ?? false,
    });
  }
  const behavior = params.payment_behavior ?? 'allow_incomplete';
  const change = {
    items,
    prorationBehavior: params.proration_behavior ?? 'create_prorations',
    prorationDate: params.proration_date ?? null,
    paymentBehavior: behavior === 'error_if_incomplete' ? behavior : 'allow_incomplete',
    isAnchorNow,
  } as const;
  return applyChange(work, subscription, change, others);
}

function cancelChange(
  work: Work,
  subscription: Subscription,
  params: ParamsOf<typeof updateShape>,
): Partial<Subscription> {
  const given = params.cancellation_details;
  const details =
    given === undefined
      ? {}
      : {
          cancellation_details: {
            ...subscription.cancellation_details,
            comment: given.comment ?? null,
            feedback: given.feedback ?? null,
          },
        };
  if (params.cancel_at !== undefined) {
    return { ...details, cancel_at: params.cancel_at, canceled_at: work.now };
  }
  const isEnding = params.cancel_at_period_end;
  if (isEnding === undefined) return details;
  return { ...cancellation(work, subscription, isEnding), ...details };
}
