// Goal: every operation of Orb's contract answers as the contract says, on a whole stack. Method: one account walks
// through all of them, by public surfaces alone; each answer is held against the document.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ORB_OPERATIONS } from '@orbit/orb-api';
import { eventually } from '@orbit/testing';
import { BillingClient } from './client.js';
import { ContractAccount, day, externalIdOf, instant, ofSubscription } from './contract-account.js';
import type { Given, Got } from './contract-client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

type Fields = Readonly<Record<string, unknown>>;

let stack: RunningStack;
let orb: ContractAccount;
let operator: BillingClient;
let plan: Got;

beforeAll(async () => {
  stack = await startStack({ use: 'shared' });
  operator = new BillingClient(stack.gatewayUrl, stack.operatorApiKey);
  orb = await ContractAccount.on(stack, operator);
  plan = await orb.plan('team', [{ price: fee() }, { price: usage() }]);
}, START_MS_MAX);
afterAll(async () => {
  await stack?.stop();
}, STOP_MS_MAX);

const ask = (operationId: string, given?: Given): Promise<Got> => orb.ask(operationId, given);
const listed = (operationId: string, given?: Given): Promise<readonly Got[]> =>
  orb.list(operationId, given);
const fee = (more: Fields = {}): Fields => orb.fee(more);
const usage = (more: Fields = {}): Fields => orb.usage(more);

test('items and metrics, and that somebody answers at all', async () => {
  await ask('ping');
  await ask('list-items');
  await ask('fetch-item', { path: { item_id: orb.item.id } });
  await ask('update-item', { path: { item_id: orb.item.id }, body: { name: 'All calls' } });
  const { id: other } = await ask('create-item', { body: { name: 'Old' } });
  await ask('archive-item', { path: { item_id: other } });
  await ask('list-metrics');
  const path = { metric_id: orb.metric.id };
  await ask('fetch-metric', { path });
  await ask('update-metric', { path, body: { metadata: { team: 'a' } } });
  await ask('archive-metric', { path });
  await ask('unarchive-metric', { path });
});

test('prices, what they would cost, and groups of them', async () => {
  const price = await ask('create-price', { body: usage({ external_price_id: 'calls' }) });
  await ask('list-prices');
  const [path, named] = [{ price_id: price.id }, { external_price_id: 'calls' }];
  await ask('fetch-price', { path });
  await ask('fetch-price-external-id', { path: named });
  await ask('update-price', { path, body: { metadata: { a: '1' } } });
  await ask('update-price-by-external-id', { path: named, body: { metadata: { b: '2' } } });
  const { id: customer_id } = await orb.customer();
  const window = { timeframe_start: instant(-3), timeframe_end: instant(0) };
  await ask('evaluate-price', { path, body: { customer_id, ...window } });
  const many = { customer_id, ...window, price_evaluations: [{ price_id: price.id }] };
  await ask('evaluate-multiple-prices', { body: many });
  const event = { event_name: 'call', timestamp: instant(-1), properties: { calls: 3 } };
  const preview = { ...many, events: [{ ...event, customer_id }] };
  expect((await listed('evaluate-preview-events', { body: preview }))[0]).toMatchObject({
    price_groups: [{ amount: '1.5' }],
  });
  const group = await ask('create-dimensional-price-group', {
    body: {
      ...{ name: 'Regions', billable_metric_id: orb.metric.id, dimensions: ['region'] },
      external_dimensional_price_group_id: 'regions',
    },
  });
  const [byId, byName] = [
    { dimensional_price_group_id: group.id },
    { external_dimensional_price_group_id: 'regions' },
  ];
  await ask('list-dimensional-price-groups');
  await ask('fetch-dimensional-price-group', { path: byId });
  await ask('fetch-dimensional-price-group-external-id', { path: byName });
  await ask('update-dimensional-price-group', { path: byId, body: { metadata: { a: '1' } } });
  const metadata = { metadata: { b: '2' } };
  await ask('update-dimensional-price-group-external', { path: byName, body: metadata });
  const prices = [{ dimension_values: ['eu'], amounts: [0.25] }];
  const bulk = {
    item_id: orb.item.id,
    cadence: 'monthly',
    currency: 'USD',
    model_type: 'unit',
    prices,
  };
  await ask('create-dimensional-price-group-prices', { path: byId, body: bulk });
  expect(await listed('list-dimensional-price-group-prices', { path: byId })).toHaveLength(1);
});

test('plans, their versions and migrations', async () => {
  const made = await orb.plan('versions', [{ price: fee() }]);
  const [path, named] = [{ plan_id: made.id }, { external_plan_id: 'versions' }];
  await ask('list-plans');
  await ask('fetch-plan', { path });
  await ask('fetch-plan-external-id', { path: named });
  await ask('update-plan', { path, body: { metadata: { a: '1' } } });
  await ask('update-plan-external', { path: named, body: { metadata: { b: '2' } } });
  const add_prices = [{ price: usage() }];
  await ask('create-plan-version', { path, body: { version: 2, add_prices } });
  const third = { version: 3, add_prices: [{ price: fee({ name: 'More' }) }] };
  await ask('create-plan-version-external-id', { path: named, body: third });
  await ask('fetch-plan-version', { path: { ...path, version: '2' } });
  await ask('fetch-plan-version-external-id', { path: { ...named, version: '3' } });
  const subscription = await orb.subscribe(made.id);
  await ask('set-default-version', { path, body: { version: 2 } });
  await ask('set-default-version-external-id', { path: named, body: { version: 3 } });
  expect(subscription).toMatchObject({ plan: { id: made.id } });
  expect(await listed('list-migrations', { path })).toEqual([]);
});

test('customers by both names, and what belongs to them', async () => {
  const customer = await orb.customer();
  const { id: customer_id } = customer;
  const [path, named] = [{ customer_id }, { external_customer_id: externalIdOf(customer) }];
  await ask('list-customers');
  await ask('fetch-customer', { path });
  await ask('fetch-customer-external-id', { path: named });
  await ask('update-customer', { path, body: { name: 'Runner' } });
  await ask('update-customer-external-id', { path: named, body: { metadata: { a: '1' } } });
  await ask('fetch-customer-costs', { path });
  await ask('fetch-customer-costs-external-id', { path: named });
  const credit = { amount: '1.00', type: 'increment', description: 'Welcome' };
  await ask('create-customer-balance-transaction', { path, body: credit });
  expect(await listed('list-balance-transactions', { path })).toHaveLength(1);
  await ask('create-customer-portal-session', { path });
  await ask('create-customer-portal-session-by-external-id', { path: named });
  await ask('sync-customer-payment-methods-from-gateway', { path });
  await ask('sync-customer-payment-methods-from-gateway-by-external-id', { path: named });
  await ask('delete-customer', { path: { customer_id: (await orb.customer()).id } });
});

test('credits by both names: blocks, the ledger, top-ups', async () => {
  const customer = await orb.customer();
  const { id: customer_id } = customer;
  const [path, named] = [{ customer_id }, { external_customer_id: externalIdOf(customer) }];
  const body = {
    ...{ entry_type: 'increment', amount: 10, currency: 'USD', expiry_date: instant(90) },
    ...{ per_unit_cost_basis: '1.00', invoice_settings: { net_terms: 30, auto_collection: false } },
  };
  const { credit_block } = await ask('create-ledger-entry', { path, body });
  await ask('create-ledger-entry-external-id', {
    ...{ path: named, body: { entry_type: 'decrement', amount: 1, currency: 'USD' } },
  });
  const query = { currency: 'USD' };
  expect(await listed('fetch-customer-credits', { path, query })).toMatchObject([{ balance: 9 }]);
  await ask('fetch-customer-credits-external-id', { path: named, query });
  expect(await listed('fetch-customer-credits-ledger', { path, query })).toHaveLength(2);
  await ask('fetch-customer-credits-ledger-external-id', { path: named, query });
  const block = { path: { block_id: (credit_block as Got).id } };
  await ask('fetch-credit-block', block);
  await ask('update-credit-block', { ...block, body: { metadata: { a: '1' } } });
  expect((await ask('list-credit-block-invoices', block))['invoices']).toHaveLength(1);
  const gift = { entry_type: 'increment', amount: 5, currency: 'USD' };
  const given = (await ask('create-ledger-entry', { path, body: gift }))['credit_block'] as Got;
  await ask('delete-credit-block', { path: { block_id: given.id } });
  const sale = {
    ...{ currency: 'credits', amount: '10', threshold: '5', per_unit_cost_basis: '1.00' },
    invoice_settings: { auto_collection: false, net_terms: 0 },
  };
  const first = await ask('create-top-up', { path, body: sale });
  await ask('list-top-ups', { path });
  await ask('delete-top-up', { path: { ...path, top_up_id: first.id } });
  const second = await ask('create-top-up-external-id', { path: named, body: sale });
  await ask('list-top-ups-external-id', { path: named });
  await ask('delete-top-up-external-id', { path: { ...named, top_up_id: second.id } });
});

test('coupons', async () => {
  const discount = { discount_type: 'percentage', percentage_discount: 0.5 };
  const { id } = await ask('create-coupon', { body: { redemption_code: 'HALF', discount } });
  await ask('list-coupons');
  await ask('fetch-coupon', { path: { coupon_id: id } });
  const subscription = await orb.subscribe(plan.id);
  const body = { change_option: 'immediate', coupon_id: id };
  await ask('redeem-coupon', ofSubscription(subscription, body));
  const path = { coupon_id: id };
  expect(await listed('list-coupon-subscriptions', { path })).toMatchObject([
    { id: subscription.id },
  ]);
  await ask('archive-coupon', { path });
});

test('events: taken in, counted, corrected, filled in later', async () => {
  const customer = await orb.customer();
  const external_customer_id = externalIdOf(customer);
  const timestamp = instant(-0.01);
  const event = (idempotency_key: string) => ({
    ...{ event_name: 'call', external_customer_id, idempotency_key, timestamp },
    properties: { calls: 2, region: 'eu' },
  });
  await ask('ingest', { body: { events: [event('one'), event('two')] } });
  const body = { event_ids: ['one', 'two'] };
  await eventually(async () => {
    expect(await listed('search-events', { body })).toHaveLength(2);
  });
  await ask('get-event-volume', { query: { timeframe_start: instant(-2) } });
  const { idempotency_key: _, ...amended } = event('one');
  await ask('amend-event', { path: { event_id: 'one' }, body: amended });
  await ask('deprecate-event', { path: { event_id: 'two' } });
  const backfill = (days: number) =>
    ask('create-backfill', {
      body: {
        ...{ customer_id: customer.id, replace_existing_events: false },
        ...{ timeframe_start: instant(-days), timeframe_end: instant(0.5 - days) },
      },
    });
  const { id: backfill_id } = await backfill(3);
  await ask('list-backfills');
  await ask('fetch-backfill', { path: { backfill_id } });
  await ask('close-backfill', { path: { backfill_id } });
  await ask('revert-backfill', { path: { backfill_id } });
});

test('subscriptions: made, read, changed, ended; what waits as a change', async () => {
  const subscription = await orb.subscribe(plan.id);
  const of = ofSubscription(subscription);
  await ask('list-subscriptions');
  await ask('list-subscription-summaries');
  await ask('fetch-subscription', of);
  await ask('update-subscription', { ...of, body: { net_terms: 10 } });
  await ask('fetch-subscription-schedule', of);
  await ask('fetch-subscription-usage', of);
  await ask('fetch-subscription-costs', of);
  const intervals = subscription['price_intervals'] as readonly { readonly price: Got }[];
  const price_id = intervals.find(({ price }) => price['price_type'] === 'fixed_price')!.price.id;
  const later = { change_option: 'effective_date', effective_date: day(3) };
  const quantity = { price_id, quantity: 3, ...later };
  await ask('update-fixed-fee-quantity', { ...of, body: quantity });
  await ask('unschedule-fixed-fee-quantity', { ...of, body: { price_id } });
  const add = [{ start_date: instant(0), price: fee({ name: 'Support' }) }];
  await ask('add-edit-price-intervals', { ...of, body: { add } });
  const change = { change_option: 'requested_date', change_date: instant(5), plan_id: plan.id };
  await ask('schedule-plan-change', { ...of, body: change });
  await ask('unschedule-plan-change', of);
  const cancel = { cancel_option: 'end_of_subscription_term' };
  await ask('cancel-subscription', { ...of, body: cancel });
  await ask('unschedule-cancellation', of);
  const trial = await orb.subscribe(plan.id, { trial_duration_days: 14 });
  await ask('update-trial', ofSubscription(trial, { trial_end_date: instant(5) }));
  const phases = [{ order: 1, duration: 1, duration_unit: 'monthly' }, { order: 2 }];
  const prices = [1, 2].map((order) => ({ plan_phase_order: order, price: fee() }));
  const phased = await orb.plan('phases', prices, { plan_phases: phases });
  await ask('trigger-phase', ofSubscription(await orb.subscribe(phased.id), {}));
  const headers = { 'Create-Pending-Subscription-Change': 'true' };
  const waiting = async (): Promise<{ subscription_change_id: string }> => {
    const made = await ask('cancel-subscription', { ...of, body: cancel, headers });
    return { subscription_change_id: (made['pending_subscription_change'] as Got).id };
  };
  const path = await waiting();
  await ask('list-subscription-changes');
  await ask('fetch-subscription-change', { path });
  await ask('cancel-subscription-change', { path });
  await ask('apply-subscription-change', { path: await waiting(), body: {} });
});

test('licenses: 6 of 10 credits are used, and the invoice asks for nothing of it', async () => {
  const body = { name: 'Seat', grouping_key: 'user_id' };
  const { id: license_type_id } = await ask('create-license-type', { body });
  await ask('list-license-types');
  await ask('fetch-license-type', { path: { license_type_id } });
  const license_allocations = [{ currency: 'USD', amount: '10' }];
  const seats = await orb.plan('seats', [
    { license_allocation_price: { ...fee(), license_type_id, license_allocations } },
    { price: usage({ license_type_id }) },
  ]);
  const { id: subscription_id, customer } = await orb.subscribe(seats.id, {
    start_date: instant(-0.0001),
  });
  const external_license_id = 'ann@b.test';
  const made = { subscription_id, license_type_id, external_license_id };
  const license = await ask('create-license', { body: made });
  const [path, named] = [{ license_id: license.id }, { external_license_id }];
  const query = { subscription_id, license_type_id };
  await ask('list-licenses', { query: { subscription_id } });
  await ask('fetch-license', { path });
  await ask('fetch-license-external-id', { path: named, query });
  const event = { event_name: 'call', customer_id: (customer as Got).id, timestamp: instant(0) };
  const properties = { calls: 12, user_id: external_license_id };
  await ask('ingest', { body: { events: [{ ...event, idempotency_key: 'seat', properties }] } });
  await eventually(async () => {
    expect(await listed('get-license-usage-by-type', { query })).toMatchObject([
      { license_id: license.id, allocated_credits: 10, consumed_credits: 6, remaining_credits: 4 },
    ]);
  });
  const used = { consumed_credits: 6, allocation_eligible_credits: 6, shared_pool_credits: 0 };
  expect(await listed('get-license-usage-by-id', { path })).toMatchObject([used]);
  const days = { path: named, query: { ...query, group_by: 'day' } };
  expect(await listed('get-license-usage-by-external-id', days)).toContainEqual(
    expect.objectContaining({ ...used, license_id: null }),
  );
  const upcoming = await ask('fetch-upcoming-invoice', { query: { subscription_id } });
  const lines = upcoming['line_items'] as readonly Fields[];
  expect(lines.find(({ name }) => name === 'Calls')).toMatchObject({
    quantity: 12,
    amount: '0.00',
  });
  await ask('deactivate-license', { path, body: {} });
});

test('invoices: drafted, issued, paid, void; credit notes', async () => {
  const { id: customer_id } = await orb.customer();
  const draft = (lines = 1): Promise<Got> =>
    ask('create-invoice', {
      body: {
        ...{ customer_id, currency: 'USD', invoice_date: instant(-1), net_terms: 30 },
        will_auto_issue: false,
        line_items: Array.from({ length: lines }, () => ({
          ...{ name: 'Line', item_id: orb.item.id, model_type: 'unit', quantity: 1 },
          ...{ start_date: day(-30), end_date: day(-1), unit_config: { unit_amount: '12.00' } },
        })),
      },
    });
  const path = ({ id: invoice_id }: Got) => ({ path: { invoice_id } });
  const issued = async (): Promise<Got> => ask('issue-invoice', path(await draft()));
  const first = await draft(2);
  await ask('list-invoices');
  await ask('list-invoices-summary');
  await ask('fetch-invoice', path(first));
  await ask('update-invoice', { ...path(first), body: { metadata: { a: '1' } } });
  const line = { invoice_id: first.id, name: 'More', amount: '1.00', quantity: 1 };
  const dates = { start_date: day(-3), end_date: day(-1) };
  await ask('create-invoice-line-item', { body: { ...line, ...dates } });
  const [{ id: line_item_id } = { id: '' }] = first['line_items'] as readonly Got[];
  await ask('delete-invoice-line-item', { path: { invoice_id: first.id, line_item_id } });
  await ask('issue-invoice-summary', path(first));
  const paid = await issued();
  const received = { payment_received_date: day(0) };
  await ask('mark-invoice-as-paid', { ...path(paid), body: received });
  await ask('regenerate-invoice-pdf', path(paid));
  await ask('regenerate-receipt-pdf', path(paid));
  await ask('void-invoice', path(await issued()));
  const credited = await issued();
  const [of] = credited['line_items'] as readonly Got[];
  const line_items = [{ invoice_line_item_id: of!.id, amount: '1.00' }];
  const note = await ask('create-credit-note', { body: { reason: 'duplicate', line_items } });
  await ask('list-credit-notes');
  await ask('fetch-credit-note', { path: { credit_note_id: note.id } });
  await orb.saveCard(customer_id);
  expect(await ask('pay-invoice', path(await issued()))).toMatchObject({ status: 'paid' });
});

test('alerts and webhook endpoints', async () => {
  const customer = await orb.customer();
  const drop = { type: 'credit_balance_dropped', currency: 'USD', thresholds: [{ value: 5 }] };
  const { id: alert_id } = await ask('create-customer-alert', {
    ...{ path: { customer_id: customer.id }, body: drop },
  });
  const depleted = { type: 'credit_balance_depleted', currency: 'USD' };
  await ask('create-customer-alert-external-customer-id', {
    ...{ path: { external_customer_id: externalIdOf(customer) }, body: depleted },
  });
  const many = { type: 'usage_exceeded', metric_id: orb.metric.id, thresholds: [{ value: 5 }] };
  await ask('create-plan-alert', { path: { plan_id: plan.id }, body: many });
  const subscription = await orb.subscribe(plan.id);
  await ask('create-subscription-alert', ofSubscription(subscription, many));
  expect(await listed('list-alerts', { query: { customer_id: customer.id } })).toHaveLength(2);
  await ask('fetch-alert', { path: { alert_id } });
  const path = { alert_configuration_id: alert_id };
  await ask('update-alert', { path, body: { thresholds: [{ value: 7 }] } });
  await ask('disable-alert', { path });
  await ask('enable-alert', { path });
  await ask('delete-alert', { path });
  const url = 'http://127.0.0.1:9/hook';
  const { id } = await ask('create-webhook-endpoint', { body: { url } });
  const at = { path: { webhook_endpoint_id: id } };
  await ask('list-webhook-endpoints');
  await ask('fetch-webhook-endpoint', at);
  const body = { enabled_event_types: ['invoice.issued'] };
  await ask('update-webhook-endpoint', { ...at, body });
  await ask('disable-webhook-endpoint', at);
  await ask('enable-webhook-endpoint', at);
  await ask('delete-webhook-endpoint', at);
});

/** Orb makes migrations in its own console: no operation does, so none can be found here. plans.itest.ts sees both. */
const MADE_ELSEWHERE = ['fetch-migration', 'cancel-migration'];

test('nothing of the contract was left out', async () => {
  const left = ORB_OPERATIONS.map(({ id }) => id).filter((id) => !orb.seen.has(id));
  expect(left).toEqual(MADE_ELSEWHERE);
  const at = `/plans/${plan.id}/migrations/none`;
  for (const [method, path] of [
    ['GET', at],
    ['POST', `${at}/cancel`],
  ] as const) {
    expect(await orb.send(method, path)).toMatchObject({ status: 404, shown: { status: 404 } });
  }
});
