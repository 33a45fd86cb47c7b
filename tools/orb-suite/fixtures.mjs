/** Objects that a request of the suite takes for granted, made through the public API when one is first asked for. */
import { randomUUID } from 'node:crypto';

const DAY_MS = 86_400_000;

/** A precondition that could not be made; `isNotBuilt` when the server does not serve its operation yet. */
export class FixtureError extends Error {
  constructor(kind, status, body) {
    super(`the ${kind} that this takes for granted could not be made: ${status} ${body}`);
    this.status = status;
    this.body = body;
    this.isNotBuilt = body.includes('feature-not-available');
  }
}

export const unique = (name) => `${name}_${randomUUID()}`;
/** The civil day so many days from now. */
export const day = (days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
/** The instant so many days from now. */
export const instant = (days) => new Date(Date.now() + days * DAY_MS).toISOString();

const unitPrice = (itemId, extra = {}) => ({
  name: 'Fee',
  item_id: itemId,
  cadence: 'monthly',
  currency: 'USD',
  model_type: 'unit',
  unit_config: { unit_amount: '1.00' },
  ...extra,
});

/** A draft with one line of 12.00. */
const draftOf = async (f, customerId) =>
  f.post('invoice', '/invoices', {
    customer_id: customerId,
    currency: 'USD',
    invoice_date: instant(-1),
    net_terms: 30,
    will_auto_issue: false,
    line_items: [
      {
        ...{ name: 'Line', item_id: (await f.of('item')).id, model_type: 'unit', quantity: 1 },
        ...{ start_date: day(-30), end_date: day(-1), unit_config: { unit_amount: '12.00' } },
      },
    ],
  });

/** How each kind is made. `of(kind)` is one that others use too. */
const MAKERS = {
  customer: (f) =>
    f.post('customer', '/customers', {
      name: 'Suite',
      email: 'suite@example.com',
      external_customer_id: unique('crm'),
      currency: 'USD',
    }),
  item: (f) => f.post('item', '/items', { name: 'API requests' }),
  metric: async (f) =>
    f.post('metric', '/metrics', {
      name: 'Requests',
      description: 'Requests that were made',
      item_id: (await f.of('item')).id,
      sql: 'SELECT COUNT(*) FROM events',
    }),
  price: async (f) =>
    f.post(
      'price',
      '/prices',
      unitPrice((await f.of('item')).id, {
        billable_metric_id: (await f.of('metric')).id,
        external_price_id: unique('price'),
      }),
    ),
  plan: async (f) => {
    const price = unitPrice((await f.of('item')).id, { fixed_price_quantity: 2 });
    const usage = unitPrice((await f.of('item')).id, {
      billable_metric_id: (await f.of('metric')).id,
    });
    return f.post('plan', '/plans', {
      name: 'Suite plan',
      currency: 'USD',
      external_plan_id: unique('plan'),
      prices: [{ price }, { price: usage }],
    });
  },
  phasedPlan: async (f) => {
    const itemId = (await f.of('item')).id;
    const phases = [1, 2].map((order) => ({ order, duration: 1, duration_unit: 'monthly' }));
    const prices = [1, 2].map((order) => ({
      plan_phase_order: order,
      price: unitPrice(itemId, { fixed_price_quantity: order }),
    }));
    phases[1] = { order: 2 };
    return f.post('plan', '/plans', {
      ...{ name: 'Phases', currency: 'USD', external_plan_id: unique('plan') },
      ...{ plan_phases: phases, prices },
    });
  },
  subscription: (f) => f.subscribe('plan'),
  phasedSubscription: (f) => f.subscribe('phasedPlan'),
  trialSubscription: (f) => f.subscribe('plan', { trial_duration_days: 14 }),
  cancelledSubscription: async (f) => {
    const subscription = await f.make('subscription');
    const body = { cancel_option: 'end_of_subscription_term' };
    return f.post('cancellation', `/subscriptions/${subscription.id}/cancel`, body);
  },
  changingSubscription: async (f) => {
    const { id } = await f.make('subscription');
    const plan_id = (await f.make('plan')).id;
    const body = { change_option: 'end_of_subscription_term', plan_id };
    return f.post('plan change', `/subscriptions/${id}/schedule_plan_change`, body);
  },
  change: async (f) => {
    const { id } = await f.make('subscription');
    const body = { cancel_option: 'end_of_subscription_term' };
    const made = await f.post('pending change', `/subscriptions/${id}/cancel`, body, {
      'Create-Pending-Subscription-Change': 'true',
    });
    return made.pending_subscription_change;
  },
  coupon: (f) =>
    f.post('coupon', '/coupons', {
      redemption_code: unique('half').slice(0, 30),
      discount: { discount_type: 'percentage', percentage_discount: 0.5 },
    }),
  draft: async (f) => draftOf(f, (await f.make('customer')).id),
  issued: async (f) => {
    const draft = await f.make('draft');
    return f.post('issued invoice', `/invoices/${draft.id}/issue`, {});
  },
  /** Of a customer whose card is saved, as a person saves one on the hosted page. */
  payable: async (f) => {
    const { id } = await f.make('customer');
    await f.saveCard(id);
    const draft = await draftOf(f, id);
    return f.post('issued invoice', `/invoices/${draft.id}/issue`, {});
  },
  paid: async (f) => {
    const { id } = await f.make('issued');
    const body = { payment_received_date: day(0) };
    return f.post('paid invoice', `/invoices/${id}/mark_paid`, body);
  },
  creditNote: async (f) => {
    const invoice = await f.make('issued');
    const [line] = invoice.line_items;
    const line_items = [{ invoice_line_item_id: line.id, amount: '1.00' }];
    return f.post('credit note', '/credit_notes', { line_items, reason: 'duplicate' });
  },
  block: async (f) => {
    const customer = await f.make('customer');
    const path = `/customers/${customer.id}/credits/ledger_entry`;
    const body = {
      entry_type: 'increment',
      amount: 100,
      currency: 'USD',
      expiry_date: instant(90),
    };
    const entry = await f.post('credit block', path, body);
    return { ...entry.credit_block, customer };
  },
  topUp: async (f) => {
    const customer = await f.make('customer');
    const made = await f.post('top-up', `/customers/${customer.id}/credits/top_ups`, {
      ...{ currency: 'USD', amount: '10', threshold: '5', per_unit_cost_basis: '1.00' },
      invoice_settings: { auto_collection: true, net_terms: 0 },
    });
    return { ...made, customer };
  },
  alert: async (f) =>
    f.post('alert', `/alerts/customer_id/${(await f.make('customer')).id}`, {
      ...{ type: 'credit_balance_dropped', currency: 'USD', thresholds: [{ value: 5 }] },
    }),
  subscriptionAlert: async (f) => {
    const subscription = await f.make('subscription');
    const made = await f.post('alert', `/alerts/subscription_id/${subscription.id}`, {
      ...{
        type: 'usage_exceeded',
        metric_id: (await f.of('metric')).id,
        thresholds: [{ value: 5 }],
      },
    });
    return { ...made, subscription };
  },
  backfill: (f) =>
    f.makeBackfill({ timeframe_start: f.backfillStart(), replace_existing_events: false }),
  closedBackfill: async (f) => {
    const { id } = await f.make('backfill');
    return f.post('closed backfill', `/events/backfills/${id}/close`);
  },
  event: async (f) => {
    const key = unique('event');
    const timestamp = instant(-0.01);
    await f.ingest([key], (await f.of('customer')).external_customer_id, timestamp);
    return { id: key, timestamp };
  },
  dimensionalPriceGroup: async (f) =>
    f.post('dimensional price group', '/dimensional_price_groups', {
      ...{ name: 'Regions', billable_metric_id: (await f.of('metric')).id },
      ...{ dimensions: ['region'], external_dimensional_price_group_id: unique('group') },
    }),
  licenseType: (f) =>
    f.post('license type', '/license_types', { name: unique('Seat'), grouping_key: 'seat_id' }),
  license: async (f) => {
    const licenseType = await f.of('licenseType');
    const subscription = await f.make('licensedSubscription');
    const made = await f.post('license', '/licenses', {
      ...{ external_license_id: unique('seat'), license_type_id: licenseType.id },
      subscription_id: subscription.id,
    });
    return { ...made, licenseType, subscription };
  },
  licensedPlan: async (f) => {
    const license_type_id = (await f.of('licenseType')).id;
    const price = unitPrice((await f.of('item')).id, { fixed_price_quantity: 2, license_type_id });
    const body = { name: 'Seats', currency: 'USD', external_plan_id: unique('plan') };
    return f.post('plan', '/plans', { ...body, prices: [{ price }] });
  },
  licensedSubscription: (f) => f.subscribe('licensedPlan'),
  webhookEndpoint: async (f) => {
    // An account may have twenty.
    const { data } = await f.call('webhook endpoint', 'GET', '/webhook_endpoints?limit=100');
    for (const { id } of data.slice(5)) {
      if (f.isShared(id)) continue;
      await f.call('webhook endpoint', 'DELETE', `/webhook_endpoints/${id}`);
    }
    const body = { url: 'http://127.0.0.1:9/hook', enabled_event_types: ['invoice.issued'] };
    return f.post('webhook endpoint', '/webhook_endpoints', body);
  },
};

export class Fixtures {
  #target;
  #shared = new Map();
  #sharedIds = new Set();
  #backfills = 0;

  constructor(target) {
    this.#target = target;
  }

  /** One that other requests use as well. */
  of(kind) {
    if (!this.#shared.has(kind)) this.#shared.set(kind, this.#share(kind));
    return this.#shared.get(kind);
  }

  async #share(kind) {
    const made = await this.make(kind);
    this.#sharedIds.add(made.id);
    return made;
  }

  /** Another request goes on using it. */
  isShared(id) {
    return this.#sharedIds.has(id);
  }

  /** By the Orbit API: Orb has no operation for it. */
  async saveCard(customerId) {
    const { gatewayUrl, operatorApiKey } = this.#target;
    const ask = async (path, apiKey, body) => {
      const response = await fetch(`${gatewayUrl}/api/v1${path}`, {
        method: 'POST',
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (response.status >= 300) throw new FixtureError('saved card', response.status, text);
      return JSON.parse(text).data;
    };
    const keys = `/operator/organizations/${customerId}/api-keys`;
    const { key } = await ask(keys, operatorApiKey, { mode: 'test' });
    const back = `${gatewayUrl}/health/live`;
    const urls = { successUrl: back, cancelUrl: back };
    const { url } = await ask('/billing/payment-methods/setup', key, urls);
    const card = { card_number: '4242424242424242', exp: '12 / 40', cvc: '123' };
    const owner = { name: 'Suite', email: 'suite@example.com', action: 'pay' };
    const form = new URLSearchParams({ ...card, ...owner });
    const headers = { accept: 'application/json' };
    const saved = await fetch(url, { method: 'POST', headers, body: form });
    if (!saved.ok) throw new FixtureError('saved card', saved.status, await saved.text());
    // Stripe reports it by a webhook.
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await fetch(`${gatewayUrl}/api/v1/billing/payment-methods`, {
        headers: { 'x-api-key': key },
      });
      if ((await answer.text()).includes('4242')) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new FixtureError('saved card', 504, '{}');
  }

  /** One of its own. */
  make(kind) {
    return MAKERS[kind](this);
  }

  async subscribe(planKind, more = {}) {
    const plan_id = (await this.of(planKind)).id;
    const customer_id = (await this.make('customer')).id;
    const body = { customer_id, plan_id, start_date: instant(-2), ...more };
    return this.post('subscription', '/subscriptions', body);
  }

  /** Two backfills of one customer may not touch each other: each has a day of its own. */
  backfillStart() {
    this.#backfills += 1;
    return instant(-1 - (this.#backfills % 80));
  }

  async makeBackfill(body) {
    const customer_id = (await this.make('customer')).id;
    const timeframe_end = new Date(Date.parse(body.timeframe_start) + 3_600_000).toISOString();
    return this.post('backfill', '/events/backfills', { ...body, timeframe_end, customer_id });
  }

  /** Accepted is not yet stored; whoever wants to change an event waits until a search finds it. */
  async ingest(keys, externalCustomerId, timestamp) {
    const events = keys.map((idempotency_key) => ({
      ...{ idempotency_key, event_name: 'request', timestamp },
      ...{ external_customer_id: externalCustomerId, properties: { region: 'eu' } },
    }));
    await this.post('event', '/ingest', { events });
    for (let attempt = 0; attempt < 40; attempt++) {
      const { data } = await this.post('event', '/events/search', { event_ids: keys });
      if (data.length === keys.length) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new FixtureError('event', 504, '{}');
  }

  post(kind, path, body = {}, headers = {}) {
    return this.call(kind, 'POST', path, body, headers);
  }

  async call(kind, method, path, body, headers = {}) {
    const { baseUrl, key } = this.#target;
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 300) throw new FixtureError(kind, response.status, text);
    return text === '' ? null : JSON.parse(text);
  }
}
