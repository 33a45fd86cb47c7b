// Goal: each kind of credit ledger entry and of adjustment, each route that only older documents
// name, and every request that Orb's SDK sends in its own tests, answered as the contract says.
// Method: accounts of its own on a whole stack.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  ADJUSTMENT_TYPES,
  CREDIT_ENTRY_TYPES,
  ORB_ERRORS,
  responseFaults,
  matchOperation,
  SEED_ROUTES,
} from '@orbit/orb-api';
import { eventually } from '@orbit/testing';
import { readFileSync } from 'node:fs';
import { BillingClient } from './client.js';
import { ContractAccount, externalIdOf, instant } from './contract-account.js';
import type { Got } from './contract-client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

type Fields = Readonly<Record<string, unknown>>;

let stack: RunningStack;
let orb: ContractAccount;
/** Its clock is moved. */
let later: ContractAccount;
let holder: Got;
beforeAll(async () => {
  stack = await startStack({ use: 'shared' });
  const operator = new BillingClient(stack.gatewayUrl, stack.operatorApiKey);
  orb = await ContractAccount.on(stack, operator);
  later = await ContractAccount.on(stack, operator);
  holder = await later.customer();
  await writeLedger();
}, START_MS_MAX);
afterAll(async () => {
  await stack?.stop();
}, STOP_MS_MAX);

/** Everything that can happen to credit, once. */
async function writeLedger(): Promise<void> {
  const path = { customer_id: holder.id };
  const enter = async (body: Fields): Promise<Got> =>
    (await later.ask('create-ledger-entry', { path, body }))['credit_block'] as Got;
  const credit = { entry_type: 'increment', amount: 10, currency: 'USD' };
  const { id: block_id } = await enter({ ...credit, expiry_date: instant(10) });
  await enter({ entry_type: 'decrement', amount: 4, currency: 'USD' });
  await enter({ entry_type: 'amendment', amount: 1, block_id });
  await enter({ entry_type: 'void', amount: 2, block_id });
  const target_expiry_date = instant(20).slice(0, 10);
  await enter({ entry_type: 'expiration_change', amount: 1, block_id, target_expiry_date });
  const clock = await later.send('POST', '/test_clock', { now: instant(40) });
  expect(clock).toMatchObject({ status: 200 });
  await eventually(async () => {
    const { shown } = await later.send('GET', '/test_clock');
    expect(shown).toMatchObject({ status: 'ready' });
  });
}

test.each(CREDIT_ENTRY_TYPES)('an entry of type %s stands in the ledger', async (entry_type) => {
  const query = { currency: 'USD', entry_type };
  await eventually(async () => {
    const rows = await later.list('fetch-customer-credits-ledger', {
      ...{ path: { customer_id: holder.id }, query },
    });
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row['entry_type']).toBe(entry_type);
  });
});

const TIERS = [
  { lower_bound: 0, upper_bound: 10, percentage: 0.1 },
  { lower_bound: 10, percentage: 0.2 },
];
/** Of 40.00 in fees: what an adjustment makes of it. */
const ADJUSTED: Readonly<Record<string, readonly [fields: Fields, total: string]>> = {
  amount_discount: [{ amount_discount: '5.00' }, '35.00'],
  maximum: [{ maximum_amount: '30.00' }, '30.00'],
  minimum: [{ minimum_amount: '50.00' }, '50.00'],
  percentage_discount: [{ percentage_discount: 0.25 }, '30.00'],
  tiered_percentage_discount: [{ tiers: TIERS }, '33.00'],
  usage_discount: [{ usage_discount: 1 }, '20.00'],
};

test.each(ADJUSTMENT_TYPES)(
  'an adjustment of type %s is on plan, subscription and invoice',
  async (type) => {
    const [fields, total] = ADJUSTED[type] ?? [{}, ''];
    const more = type === 'minimum' ? { item_id: orb.item.id } : {};
    const adjustment = { adjustment_type: type, applies_to_all: true, ...fields, ...more };
    const adjustments = [{ adjustment }];
    const { id } = await orb.plan(type, [{ price: orb.fee() }], { adjustments });
    const shown = { adjustment_type: type };
    const plan = await orb.ask('fetch-plan', { path: { plan_id: id } });
    expect(plan).toMatchObject({ adjustments: [shown] });
    const made = await orb.subscribe(id);
    const path = { subscription_id: made.id };
    const subscription = await orb.ask('fetch-subscription', { path });
    expect(subscription).toMatchObject({ adjustment_intervals: [{ adjustment: shown }] });
    const invoice = await orb.ask('fetch-upcoming-invoice', { query: path });
    expect(invoice).toMatchObject({ total, line_items: [{ adjustments: [shown] }] });
  },
);

test.each(SEED_ROUTES)('%s %s answers as %s', async (_method, route, operationId) => {
  const customer = await orb.customer();
  const external_customer_id = externalIdOf(customer);
  const timestamp = instant(-0.01);
  const event = { event_name: 'call', external_customer_id, timestamp, properties: { calls: 1 } };
  if (operationId === 'amend-event') {
    await orb.ask('ingest', { body: { events: [{ ...event, idempotency_key: 'seed' }] } });
    await eventually(async () => {
      expect(await orb.list('search-events', { body: { event_ids: ['seed'] } })).toHaveLength(1);
    });
  }
  const bodies: Readonly<Record<string, Fields>> = {
    'amend-event': event,
    'create-ledger-entry': { entry_type: 'increment', amount: 1, currency: 'USD' },
    'create-customer-alert': {
      ...{ customer_id: customer.id, type: 'credit_balance_dropped', currency: 'USD' },
      thresholds: [{ value: 1 }],
    },
  };
  const at = route.replace('{customer_id}', customer.id).replace('{event_id}', 'seed');
  await orb.askAt(operationId, at, bodies[operationId]);
});

interface Recorded {
  readonly case: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query: string;
  readonly body?: unknown;
}
/** Requests of the tests of Orb's TypeScript SDK, 6.11.0: placeholders for every value. */
const RECORDED = JSON.parse(
  readFileSync(new URL('./sdk-requests.json', import.meta.url), 'utf8'),
) as readonly Recorded[];

test('each of the 232 requests of the SDK gets its answer or a refusal in the form of the contract', async () => {
  expect(RECORDED).toHaveLength(232);
  const types = new Set<string>(Object.values(ORB_ERRORS).map(([, fragment]) => fragment));
  const strange: unknown[] = [];
  for (const { case: name, method, path, query, body } of RECORDED) {
    const { status, shown } = await orb.send(method, `${path}${query}`, body);
    const match = matchOperation(method, path);
    const found = match?.status === 'found' ? match.operation : null;
    const isWell =
      status < 300
        ? found !== null && responseFaults(found, shown).length === 0
        : status < 500 &&
          shown?.['status'] === status &&
          typeof shown['title'] === 'string' &&
          types.has(String(shown['type']).split('#')[1] ?? '');
    if (!isWell) strange.push([name, status, shown]);
  }
  expect(strange).toEqual([]);
});
