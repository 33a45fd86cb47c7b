// Goal: one customer, two APIs: what is made over /v1 is an organization of the Orbit API and the other way round,
// and accounts see their own. Method: public surfaces alone, on a stack of its own; answers are checked against the
// contract.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { eventually } from '@orbit/testing';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

let stack: RunningStack;
let operator: BillingClient;
beforeAll(async () => {
  stack = await startStack({ use: 'first' });
  operator = new BillingClient(stack.gatewayUrl, stack.operatorApiKey);
}, START_MS_MAX);
afterAll(async () => {
  await stack?.stop();
}, STOP_MS_MAX);

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly external_customer_id: string | null;
  readonly type?: string;
  readonly data: readonly Shown[];
}

const keyOf = (mode: 'live' | 'test'): string =>
  stack.orbAccounts.find((account) => account.mode === mode)!.api_key;

async function orb(mode: 'live' | 'test', method: string, path: string, body?: object, key = '') {
  const response = await fetch(`${stack.gatewayUrl}/v1${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${keyOf(mode)}`,
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...(key === '' ? {} : { 'Idempotency-Key': key }),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const shown = (text === '' ? undefined : JSON.parse(text)) as Shown;
  return { status: response.status, headers: response.headers, shown };
}
const operatorPath = (rest: string): string => `${stack.gatewayUrl}/api/v1/operator${rest}`;
interface OrganizationView {
  readonly id: string;
  readonly name: string;
  readonly account_id: string;
}
const organizations = async (): Promise<readonly OrganizationView[]> =>
  (await operator.get<OrganizationView[]>(operatorPath('/organizations?limit=200'))).data;

test('npm start shows a live and a test account whose keys open /v1, and nothing else', async () => {
  expect(stack.orbAccounts).toMatchObject([
    { account_id: 'acct_live', mode: 'live', webhook_secret: expect.stringMatching(/^whsec_/) },
    { mode: 'test', api_key: expect.stringMatching(/^orb_test_/) },
  ]);
  for (const mode of ['live', 'test'] as const) {
    expect(await orb(mode, 'GET', '/ping')).toMatchObject({ status: 200 });
    const billing = new BillingClient(stack.gatewayUrl, keyOf(mode));
    expect((await billing.get('/balance')).status).toBe(401);
  }
  const listed = JSON.parse(await stack.orbit('account', 'list', '--json')) as object[];
  expect(listed).toHaveLength(2);
});

test('a customer made over /v1 is an organization that can be charged over the Orbit API', async () => {
  const body = { name: 'Orb customer', email: 'a@b.test', external_customer_id: 'crm/1 @' };
  const made = await orb('test', 'POST', '/customers', body, 'e2e-1');
  expect(made.status).toBe(201);
  expect(responseFaults(findOperation('create-customer')!, made.shown)).toEqual([]);
  const { id } = made.shown;
  const again = await orb('test', 'POST', '/customers', body, 'e2e-1');
  expect(again).toMatchObject({ status: 201, shown: { id } });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const other = await orb('test', 'POST', '/customers', { ...body, name: 'B' }, 'e2e-1');
  expect(other.status).toBe(409);
  expect(other.headers.get('x-should-retry')).toBe('false');

  const account_id = stack.orbAccounts.find(({ mode }) => mode === 'test')!.account_id;
  const found = (await organizations()).filter(({ name }) => name === 'Orb customer');
  expect(found).toMatchObject([{ id, account_id }]);
  const key = await operator.post<{ key: string }>(operatorPath(`/organizations/${id}/api-keys`), {
    mode: 'test',
  });
  const billing = new BillingClient(stack.gatewayUrl, key.data.key);
  expect((await billing.get('/balance')).data).toMatchObject({ balance_cents: 0 });
  const adjustment = { amount: '5.00', currency: 'USD', reason: 'e2e', reference: 'e2e-1' };
  await operator.post(operatorPath(`/organizations/${id}/adjustments`), adjustment);
  const charge = { charge_id: 'c1', amount: '1.00', currency: 'USD', channel: 'sms' };
  expect(await billing.post('/charges?wait=posted', charge)).toMatchObject({
    data: { status: 'posted' },
  });
});

test('an organization made over the Orbit API is a customer of its account, and of no other', async () => {
  const made = await operator.post<{ organization: { id: string } }>(
    operatorPath('/organizations'),
    { name: 'Orbit organization' },
  );
  const { id } = made.data.organization;
  const customer = await orb('live', 'GET', `/customers/${id}`);
  expect(customer).toMatchObject({ status: 200, shown: { id, name: 'Orbit organization' } });
  expect(responseFaults(findOperation('fetch-customer')!, customer.shown)).toEqual([]);
  const list = await orb('live', 'GET', '/customers');
  expect(list.shown.data[0]).toMatchObject({ id });
  expect(list.shown.data.map((one) => one.id)).toContain(stack.organizationId);
  const foreign = await orb('test', 'GET', `/customers/${id}`);
  expect(foreign.status).toBe(404);
  expect(foreign.shown.type).toMatch(/#404-resource-not-found$/);
});

test('a customer is renamed, found by its own name, deleted and gone from both APIs', async () => {
  const external = encodeURIComponent('crm/1 @');
  const renamed = await orb('test', 'PUT', `/customers/external_customer_id/${external}`, {
    email: 'new@b.test',
  });
  expect(renamed).toMatchObject({ status: 200, shown: { email: 'new@b.test' } });
  const { id } = renamed.shown;
  expect((await orb('live', 'DELETE', `/customers/${id}`)).status).toBe(404);
  expect((await orb('test', 'DELETE', `/customers/${id}`)).status).toBe(204);
  expect((await orb('test', 'GET', `/customers/${id}`)).status).toBe(404);
  expect((await organizations()).map((one) => one.id)).not.toContain(id);
});

test('items are made, listed and archived', async () => {
  const made = await orb('test', 'POST', '/items', { name: 'SMS' });
  expect(made.status).toBe(201);
  const list = await orb('test', 'GET', '/items');
  expect(responseFaults(findOperation('list-items')!, list.shown)).toEqual([]);
  expect(list.shown.data.map(({ id }) => id)).toEqual([made.shown.id]);
  expect((await orb('live', 'GET', `/items/${made.shown.id}`)).status).toBe(404);
  const archived = await orb('test', 'POST', `/items/${made.shown.id}/archive`);
  expect(responseFaults(findOperation('archive-item')!, archived.shown)).toEqual([]);
});

test('credits of /v1 and the balance of the Orbit API are one wallet, at every step', async () => {
  const made = await orb('test', 'POST', '/customers', { name: 'Credits', email: 'c@b.test' });
  const { id } = made.shown;
  const key = await operator.post<{ key: string }>(operatorPath(`/organizations/${id}/api-keys`), {
    mode: 'test',
  });
  const billing = new BillingClient(stack.gatewayUrl, key.data.key);
  interface Balance {
    readonly balance_exact: string;
    readonly available: string;
  }
  const balance = async (): Promise<string> => {
    const { balance_exact: posted, available } = (await billing.get<Balance>('/balance')).data;
    return `${posted} ${available}`;
  };
  interface Row {
    readonly credit_block: { readonly id: string };
    readonly starting_balance: number;
    readonly ending_balance: number;
    readonly entry_type: string;
    readonly amount: number;
  }
  const entry = async (body: object): Promise<Row> => {
    const path = `/customers/${id}/credits/ledger_entry`;
    const answer = await orb('test', 'POST', path, body);
    expect(answer).toMatchObject({ status: 201 });
    expect(responseFaults(findOperation('create-ledger-entry')!, answer.shown)).toEqual([]);
    return answer.shown as unknown as Row;
  };
  const bought = {
    entry_type: 'increment',
    amount: 20,
    currency: 'USD',
    expiry_date: '2999-01-01',
  };
  const { credit_block: block } = await entry(bought);
  expect(await balance()).toBe('20.00 20.00');
  const hold = { charge_id: 'credit-hold', amount: '5.00', currency: 'USD', channel: 'sms' };
  await billing.post('/authorizations', hold);
  expect(await balance()).toBe('20.00 15.00');
  const all = { entry_type: 'void', block_id: block.id, amount: 20 };
  const refused = await orb('test', 'POST', `/customers/${id}/credits/ledger_entry`, all);
  expect(refused.status).toBe(409);
  expect(await balance()).toBe('20.00 15.00');
  const charge = { charge_id: 'credit-1', amount: '0.0075', currency: 'USD', channel: 'sms' };
  await billing.post('/charges?wait=posted', charge);
  await billing.post('/charges?wait=posted', { ...charge, charge_id: 'credit-2' });
  await entry({ entry_type: 'decrement', amount: 1, currency: 'USD' });
  await entry({ ...all, amount: 2.5 });
  expect(await balance()).toBe('16.485 11.485');
  const ledger = await orb('test', 'GET', `/customers/${id}/credits/ledger?currency=USD`);
  expect(responseFaults(findOperation('fetch-customer-credits-ledger')!, ledger.shown)).toEqual([]);
  const rows = ledger.shown.data as unknown as readonly Row[];
  expect(rows.map((row) => [row.entry_type, row.amount, row.ending_balance])).toEqual([
    ['void', -2.5, 16.485],
    ['void_initiated', 18.985, 18.985],
    ['decrement', -1, 18.985],
    ['decrement', -0.015, 19.985],
    ['increment', 20, 20],
  ]);
  const foreign = await orb('live', 'GET', `/credit_blocks/${block.id}`);
  expect(foreign.status).toBe(404);
});

interface NewAccount {
  readonly account_id: string;
  readonly api_key: string;
}
type Got = Readonly<Record<string, unknown>> & { readonly id: string };

test('an account is imported through its own API, twice: the next invoices are equal, and the second run makes nothing', async () => {
  const account = async (name: string): Promise<NewAccount> =>
    (await operator.post<NewAccount>(operatorPath('/accounts'), { name, mode: 'test' })).data;
  const [old, fresh] = [await account('Old'), await account('New')];
  const call =
    ({ api_key: key }: NewAccount) =>
    async (method: string, path: string, body?: object): Promise<Got> => {
      const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
      const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
      const response = await fetch(`${stack.gatewayUrl}/v1${path}`, init);
      const text = await response.text();
      expect([path, response.status < 300, text]).toEqual([path, true, text]);
      return JSON.parse(text) as Got;
    };
  const [there, here] = [call(old), call(fresh)];
  const { id: item } = await there('POST', '/items', { name: 'Calls' });
  const sql = 'SELECT SUM(calls) FROM events';
  const metric = await there('POST', '/metrics', {
    ...{ name: 'Calls', description: null, item_id: item, sql },
  });
  const monthly = { item_id: item, cadence: 'monthly' };
  const base = {
    ...{ ...monthly, name: 'Base', model_type: 'unit', billed_in_advance: true },
    ...{ unit_config: { unit_amount: '20.00' }, fixed_price_quantity: 1 },
  };
  const tiers = [
    { first_unit: 0, last_unit: 10, unit_amount: '1' },
    { first_unit: 10, unit_amount: '0.1' },
  ];
  const usage = {
    ...{ ...monthly, name: 'Calls', billable_metric_id: metric.id },
    ...{ model_type: 'tiered', tiered_config: { tiers } },
  };
  const plan = await there('POST', '/plans', {
    ...{ name: 'Team', currency: 'USD', external_plan_id: 'team' },
    prices: [{ price: base }, { price: usage }],
    adjustments: [
      {
        adjustment: {
          adjustment_type: 'percentage_discount',
          percentage_discount: 0.1,
          applies_to_all: true,
        },
      },
    ],
  });
  const [{ id: basePrice } = { id: '' }] = plan['prices'] as readonly Got[];
  for (const [name, more] of [
    ['plain', {}],
    [
      'own',
      {
        replace_prices: [
          { replaces_price_id: basePrice, price: { ...base, fixed_price_quantity: 3 } },
        ],
      },
    ],
    ['less', { remove_prices: [{ price_id: basePrice }] }],
  ] as const) {
    const profile = { name, email: `${name}@old.test`, external_customer_id: `import-${name}` };
    const customer = await there('POST', '/customers', profile);
    await there('POST', '/subscriptions', { customer_id: customer.id, plan_id: plan.id, ...more });
    await there('POST', `/customers/${customer.id}/credits/ledger_entry`, {
      ...{ entry_type: 'increment', amount: 0.25, currency: 'credits', expiry_date: '2099-01-01' },
    });
  }
  const args = [
    'import',
    'orb',
    '--base-url',
    `${stack.gatewayUrl}/v1`,
    '--account-key',
    fresh.api_key,
  ];
  interface Result {
    readonly objects: readonly {
      readonly kind: string;
      readonly made: number;
      readonly there: number;
    }[];
    readonly by_hand: readonly object[];
    readonly upcoming_invoices: readonly { readonly orb: string; readonly difference: string }[];
  }
  const run = async (): Promise<Result> =>
    JSON.parse(await stack.orbit(...args, '--api-key', old.api_key, '--yes', '--json')) as Result;
  // Nobody said yes: nothing is made.
  await expect(stack.orbit(...args, '--api-key', old.api_key, '--json')).rejects.toThrow();
  expect((await here('GET', '/items'))['data']).toEqual([]);
  const first = await run();
  expect(first.by_hand).toEqual([]);
  expect(Object.fromEntries(first.objects.map(({ kind, made }) => [kind, made]))).toEqual({
    ...{ items: 1, metrics: 1, plans: 1, customers: 3, subscriptions: 3, credits: 3 },
  });
  // From now on events go to both.
  const event = {
    ...{ event_name: 'call', external_customer_id: 'import-own', idempotency_key: 'import-1' },
    ...{ timestamp: new Date().toISOString(), properties: { calls: 15 } },
  };
  for (const ingest of [there, here]) await ingest('POST', '/ingest', { events: [event] });
  const state = async () =>
    Promise.all(
      [
        '/items',
        '/metrics',
        '/plans',
        '/customers',
        '/subscriptions',
        '/invoices?status=void&status=draft',
      ].map(async (path) => (await here('GET', path))['data']),
    );
  let second = await run();
  await eventually(async () => {
    second = await run();
    // 90 % of 3 × 20 in advance and of 10 × 1 + 5 × 0.1.
    expect(second.upcoming_invoices.map(({ orb }) => orb).toSorted()).toEqual([
      '0.00',
      '18.00',
      '63.45',
    ]);
    expect(second.upcoming_invoices.map(({ difference }) => difference)).toEqual(['0', '0', '0']);
  });
  const before = await state();
  const third = await run();
  expect(third.objects.map(({ made, there: found }) => [made, found > 0])).toEqual(
    third.objects.map(() => [0, true]),
  );
  expect(await state()).toEqual(before);
  // What Orb had billed in advance is void here, and nobody was asked for it.
  const billed = await here('GET', '/invoices?status=issued&status=paid&status=synced');
  expect(billed['data']).toEqual([]);
  const customer = await here('GET', '/customers/external_customer_id/import-own');
  const credits = await here('GET', `/customers/${customer.id}/credits?currency=credits`);
  expect(credits['data']).toMatchObject([{ balance: 0.25 }]);
});
