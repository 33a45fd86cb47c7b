// Goal: customers and items of /v1 as the contract wants them: every answer fits the document, every account sees
// its own, a key has one effect. Method: the use cases over a real database, as the gateway calls them.
import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { onRealTime } from '@orbit/kernel';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { createPrisma, type PrismaClient, PrismaChanges } from '@orbit/persistence';
import { createTestDatabase, eventually, uniqueId, type TestDatabase } from '@orbit/testing';
import { PrismaItems, SqlItems } from '../catalogue/adapters/prisma-items.js';
import { SqlFacts } from '../webhooks/adapters/sql-facts.js';
import { ServeItems } from '../catalogue/application/serve-items.js';
import { PrismaCustomers, SqlCustomers } from './adapters/prisma-customers.js';
import { ServeCustomers } from './application/serve-customers.js';

let nowMs = Date.parse('2026-05-16T12:00:00.000Z');
const clock = { nowMs: () => nowMs };
const accountClock = onRealTime(clock);
let database: TestDatabase;
let prisma: PrismaClient;
let customers: ServeCustomers;
let items: ServeItems;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 8 });
  const ofCustomers = new PrismaChanges(
    prisma,
    clock,
    'invoicing',
    (sql) => new SqlCustomers(sql, new SqlFacts(sql, clock)),
  );
  customers = new ServeCustomers(new PrismaCustomers(prisma), ofCustomers, accountClock);
  const ofItems = new PrismaChanges(prisma, clock, 'invoicing', (sql) => new SqlItems(sql));
  items = new ServeItems(new PrismaItems(prisma), ofItems, accountClock, clock);
  await eventually(() => prisma.$queryRaw`SELECT 1`);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

/** A call of an account of its own, unless told. */
const callOf = (call: Partial<OrbCall> & { accountId?: string } = {}): OrbCall => ({
  account: {
    id: call.accountId ?? 'acct_a',
    ...{ mode: 'live', default_currency: 'USD', timezone: 'Europe/Berlin' },
  },
  customer: call.customer ?? null,
  path: call.path ?? {},
  query: call.query ?? {},
  body: call.body ?? {},
  idempotency: call.idempotency ?? null,
});
const ref = (id: string, external: string | null = null) => ({
  customer: { id, external_customer_id: external },
});

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly metadata: Record<string, string>;
  readonly data: readonly Shown[];
  readonly pagination_metadata: { has_more: boolean; next_cursor: string | null };
  readonly [field: string]: unknown;
}
/** What an answer says, after it was checked against the document. */
function read(operationId: string, answer: OrbAnswer): Shown {
  const body = JSON.parse(answer.body ?? 'null') as Shown;
  const operation = findOperation(operationId)!;
  expect({ status: answer.status, body }).toMatchObject({ status: operation.successStatus });
  expect(responseFaults(operation, body)).toEqual([]);
  return body;
}
const refusalOf = (answer: OrbAnswer): string => {
  const { type, status } = JSON.parse(answer.body!) as { type: string; status: number };
  expect(status).toBe(answer.status);
  return type.split('#')[1]!;
};
const create = async (id: string, body: object = {}, accountId = 'acct_a'): Promise<Shown> => {
  const call = { ...ref(id), body: { name: id, email: 'a@b.test', ...body }, accountId };
  return read('create-customer', await customers.create(callOf(call)));
};
const fetched = async (id: string): Promise<Shown> =>
  read('fetch-customer', await customers.fetch(callOf(ref(id))));

const everything = {
  name: 'Acme',
  email: 'billing@acme.test',
  timezone: 'Asia/Kathmandu',
  currency: 'EUR',
  payment_provider: 'stripe_invoice',
  payment_provider_id: 'cus_1',
  auto_issuance: false,
  email_delivery: false,
  additional_emails: ['b@acme.test'],
  shipping_address: { line1: 'Road 1', city: 'Berlin', country: 'DE', planet: 'Earth' },
  billing_address: { line1: 'Road 2', postal_code: '10115' },
  tax_id: { country: 'DE', type: 'eu_vat', value: 'DE123' },
  tax_configuration: { tax_exempt: true, tax_provider: 'anrok', automatic_tax_enabled: true },
  reporting_configuration: { exempt: true },
  accounting_sync_configuration: {
    excluded: false,
    accounting_providers: [{ provider_type: 'netsuite', external_provider_id: 'n1' }],
  },
  payment_configuration: { payment_providers: [{ provider_type: 'stripe' }] },
  metadata: { tier: 'gold', gone: null },
};

test('a customer shows everything that it was made with, and nothing that the contract does not know', async () => {
  const id = uniqueId('org');
  const made = await create(id, everything);
  expect(made).toMatchObject({
    ...{ id, name: 'Acme', timezone: 'Asia/Kathmandu', currency: 'EUR', balance: '0.00' },
    ...{ auto_collection: true, auto_issuance: false, email_delivery: false },
    ...{ exempt_from_automated_tax: true, automatic_tax_enabled: true, portal_url: null },
    metadata: { tier: 'gold' },
    shipping_address: { line1: 'Road 1', line2: null, city: 'Berlin', country: 'DE' },
    hierarchy: { parent: null, children: [] },
  });
  expect(JSON.stringify(made)).not.toContain('planet');
  expect(await fetched(id)).toEqual(made);
});

test('little is enough: the account says the time zone, a currency is not known yet', async () => {
  expect(await create(uniqueId('org'))).toMatchObject({
    ...{ timezone: 'Europe/Berlin', currency: null, metadata: {}, auto_collection: false },
  });
});

test.each([
  ['timezone', { timezone: 'Mars/Base' }],
  ['currency', { currency: 'XXZ' }],
  ['additional_emails', { additional_emails: Array(50).fill('a@b.test') }],
])('a wrong %s is refused by name and makes nothing', async (field, body) => {
  const id = uniqueId('org');
  const call = callOf({ ...ref(id), body: { name: 'A', email: 'a@b.test', ...body } });
  const answer = await customers.create(call);
  expect(refusalOf(answer)).toBe('400-request-validation-errors');
  expect(answer.body).toContain(field);
  expect((await customers.fetch(callOf(ref(id)))).status).toBe(404);
});

test('an update changes what it names, merges metadata, and clears with null what may be empty', async () => {
  const id = uniqueId('org');
  const before = await create(id, everything);
  const update = async (body: object) =>
    read(
      'update-customer',
      await customers.update(callOf({ ...ref(id, 'e1'), body: { ...body } })),
    );
  expect(await update({})).toEqual({ ...before, external_customer_id: 'e1' });
  const changed = await update({
    ...{ name: 'B', email: null, shipping_address: null, tax_configuration: null },
    metadata: { tier: null, plan: 'x' },
  });
  expect(changed).toMatchObject({
    ...{ name: 'B', email: 'billing@acme.test', shipping_address: null },
    ...{ exempt_from_automated_tax: null, metadata: { plan: 'x' } },
  });
  expect(await update({ metadata: null })).toMatchObject({ metadata: {} });
  const other = callOf({ ...ref(id), body: { currency: 'USD' } });
  expect(refusalOf(await customers.update(other))).toBe('400-constraint-violation');
  const method = callOf({ ...ref(id), body: { default_payment_method_id: 'pm_1' } });
  expect(refusalOf(await customers.update(method))).toBe('404-resource-not-found');
  expect(await fetched(id)).toMatchObject({ name: 'B', currency: 'EUR' });
});

test('a hierarchy has no circle, no stranger, and both ends show it', async () => {
  const [top, middle, leaf] = [uniqueId('org'), uniqueId('org'), uniqueId('org')];
  await create(top);
  await create(leaf);
  const hierarchy = { parent_customer_id: top, child_customer_ids: [leaf] };
  expect(await create(middle, { hierarchy })).toMatchObject({
    hierarchy: { parent: { id: top }, children: [{ id: leaf }] },
  });
  expect(await fetched(leaf)).toMatchObject({ hierarchy: { parent: { id: middle } } });
  const put = (id: string, value: object) =>
    customers.update(callOf({ ...ref(id), body: { hierarchy: value } }));
  for (const [id, value] of [
    [top, { parent_customer_id: leaf }],
    [top, { parent_customer_id: top }],
    [leaf, { child_customer_ids: [top] }],
  ] as const) {
    expect(refusalOf(await put(id, value))).toBe('400-constraint-violation');
  }
  const foreign = uniqueId('org');
  await create(foreign, {}, 'acct_b');
  const stolen = await put(top, { child_customer_ids: [foreign] });
  expect(refusalOf(stolen)).toBe('404-resource-not-found');
  expect((await put(middle, { child_customer_ids: [] })).status).toBe(200);
  expect(await fetched(leaf)).toMatchObject({ hierarchy: { parent: null } });
});

test("another account's customer is not there: not to read, change, delete or list", async () => {
  const id = uniqueId('org');
  await create(id, {}, 'acct_owner');
  const foreign = callOf({ ...ref(id), accountId: 'acct_thief', body: { name: 'Stolen' } });
  expect((await customers.fetch(foreign)).status).toBe(404);
  expect((await customers.update(foreign)).status).toBe(404);
  await customers.delete(foreign);
  const list = await customers.list(callOf({ accountId: 'acct_thief', query: { limit: 100 } }));
  expect(read('list-customers', list).data).toEqual([]);
  const own = callOf({ ...ref(id), accountId: 'acct_owner' });
  expect(read('fetch-customer', await customers.fetch(own))).toMatchObject({ name: id });
});

test('a deleted customer is gone and forgotten; one with a receipt stays', async () => {
  const [id, parent] = [uniqueId('org'), uniqueId('org')];
  await create(parent);
  await create(id, { ...everything, hierarchy: { parent_customer_id: parent } });
  expect(await customers.delete(callOf(ref(id)))).toEqual({ status: 204, body: null });
  expect(await customers.delete(callOf(ref(id)))).toEqual({ status: 204, body: null });
  expect((await customers.fetch(callOf(ref(id)))).status).toBe(404);
  expect(await fetched(parent)).toMatchObject({ hierarchy: { children: [] } });
  const [row] = await prisma.$queryRaw<object[]>`
    SELECT row_to_json(c)::text AS text FROM invoicing.customer c WHERE id = ${id}`;
  expect(JSON.stringify(row)).not.toMatch(/acme|Road|DE123/i);

  const billed = uniqueId('org');
  await create(billed);
  await prisma.$executeRaw`
    INSERT INTO invoicing.subscription (id, organization_id, plan_id, price_id, status, provider_status, start_date,
      current_period_start, current_period_end, cancel_at_period_end, version, updated_at)
    VALUES (${`sub_${billed}`}, ${billed}, 'plan_starter', 'price_starter_monthly', 'active', 'active', now(), now(),
      now(), false, 1, now())`;
  expect(refusalOf(await customers.delete(callOf(ref(billed))))).toBe('400-constraint-violation');
  expect(await fetched(billed)).toMatchObject({ name: billed });
});

test('a list goes newest first, page by page without gap or repeat, also where instants are equal', async () => {
  const accountId = uniqueId('acct');
  const made: string[] = [];
  for (let number = 0; number < 7; number++) {
    if (number % 3 === 0) nowMs += 1_000;
    const { id } = await create(uniqueId('org'), {}, accountId);
    made.unshift(id);
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: OrbCall['query'] = { limit: 3, ...(cursor === null ? {} : { cursor }) };
    const page = read('list-customers', await customers.list(callOf({ accountId, query })));
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.pagination_metadata.next_cursor;
    expect(page.pagination_metadata.has_more).toBe(cursor !== null);
  } while (cursor !== null);
  expect(seen).toEqual(made);
});

test('a cursor belongs to its account and filters; filters by time count days in the zone of the account', async () => {
  const accountId = uniqueId('acct');
  nowMs = Date.parse('2026-07-01T22:30:00.000Z'); // July 2nd in Berlin.
  await create(uniqueId('org'), {}, accountId);
  await create(uniqueId('org'), {}, accountId);
  const list = (query: OrbCall['query'], of = accountId) =>
    customers.list(callOf({ accountId: of, query }));
  const first = read('list-customers', await list({ limit: 1 }));
  const cursor = first.pagination_metadata.next_cursor!;
  expect((await list({ limit: 1, cursor })).status).toBe(200);
  expect((await list({ limit: 1, cursor }, 'acct_a')).status).toBe(400);
  expect((await list({ limit: 1, cursor, 'created_at[gte]': '2026-01-01' })).status).toBe(400);
  expect((await list({ limit: 1, cursor: 'x' })).status).toBe(400);
  const count = async (query: OrbCall['query']) =>
    read('list-customers', await list({ limit: 20, ...query })).data.length;
  expect(await count({ 'created_at[gte]': '2026-07-02' })).toBe(2);
  expect(await count({ 'created_at[gte]': '2026-07-02T00:00:00Z' })).toBe(0);
  expect(await count({ 'created_at[lt]': '2026-07-02T00:31' })).toBe(2);
  expect(await count({ 'created_at[gt]': '2026-07-01T22:30:00Z' })).toBe(0);
  expect(await count({ 'created_at[lte]': '2026-07-02T00:30:00+0200' })).toBe(2);
  expect((await list({ limit: 20, 'created_at[gte]': '0000-01-01' })).status).toBe(400);
});

const keyed = (key: string, request_hash = 'h1') => ({ idempotency: { key, request_hash } });

test('one key has one effect: a repeat answers the same, another payload 409, refusals are kept too', async () => {
  const accountId = uniqueId('acct');
  const call = callOf({ accountId, body: { name: 'A' }, ...keyed('k1') });
  const first = await items.create(call);
  const again = await items.create(call);
  expect(again).toEqual({ ...first, is_replay: true });
  const other = await items.create({ ...call, ...keyed('k1', 'h2') });
  expect(refusalOf(other)).toBe('409-resource-conflict');
  expect(other.is_final).toBe(true);
  expect(
    (await items.create({ ...call, account: { ...call.account, id: 'acct_a' } })).body,
  ).not.toBe(first.body);
  const missing = callOf({ accountId, path: { item_id: 'item_none' }, ...keyed('k2') });
  const refused = await items.archive(missing);
  expect(await items.archive(missing)).toEqual({ ...refused, is_replay: true });
  const list = await items.list(callOf({ accountId, query: { limit: 20 } }));
  expect(read('list-items', list).data).toHaveLength(1);
  nowMs += 48 * 3_600_000 + 1;
  expect((await items.create({ ...call, ...keyed('k1', 'h2') })).status).toBe(201);
});

test('twenty requests with one key at once make one item; the others are told to wait or answer the same', async () => {
  const accountId = uniqueId('acct');
  const call = callOf({ accountId, body: { name: 'A' }, ...keyed('k1') });
  const answers = await Promise.all(Array.from({ length: 20 }, () => items.create(call)));
  expect(answers.some(({ status }) => status === 201)).toBe(true);
  for (const answer of answers) {
    if (answer.status !== 201) expect(refusalOf(answer)).toBe('409-resource-conflict');
  }
  const list = await items.list(callOf({ accountId, query: { limit: 20 } }));
  expect(read('list-items', list).data).toHaveLength(1);
});

test('items are made, read, changed and archived; once', async () => {
  const accountId = uniqueId('acct');
  const body = { name: 'SMS', metadata: { a: '1' } };
  const made = read('create-item', await items.create(callOf({ accountId, body })));
  const of = { accountId, path: { item_id: made.id } };
  expect(read('fetch-item', await items.fetch(callOf(of)))).toEqual(made);
  const connection = { external_connection_name: 'stripe', external_entity_id: 'p1' };
  const change = { name: null, external_connections: [{ ...connection, more: 1 }] };
  const changed = read('update-item', await items.update(callOf({ ...of, body: change })));
  expect(changed).toEqual({ ...made, external_connections: [connection] });
  const archived = read('archive-item', await items.archive(callOf(of)));
  expect(archived).toMatchObject({ archived_at: new Date(nowMs).toISOString() });
  nowMs += 1_000;
  expect(refusalOf(await items.archive(callOf(of)))).toBe('400-constraint-violation');
  expect(read('fetch-item', await items.fetch(callOf(of)))).toEqual(archived);
  const foreign = callOf({ ...of, accountId: 'acct_thief', body: { name: 'Stolen' } });
  for (const answer of [
    await items.fetch(foreign),
    await items.update(foreign),
    await items.archive(foreign),
  ]) {
    expect(refusalOf(answer)).toBe('404-resource-not-found');
  }
});

test('a profile is made once per organization: a repeat without a key shows it, an old key conflicts', async () => {
  const id = uniqueId('org');
  const made = await create(id);
  expect(await create(id, { name: 'Other' })).toEqual(made);
  const call = callOf({ ...ref(id), body: { name: 'B', email: 'a@b.test' }, ...keyed('old') });
  expect(refusalOf(await customers.create(call))).toBe('409-resource-conflict');
});

test('what happens to a customer is told to the endpoints of its account, with what it was before', async () => {
  await prisma.$executeRaw`
    INSERT INTO invoicing.webhook_endpoint (id, account_id, url, secret, may_be_private, payload_style, created_at)
    VALUES ('we_facts', 'acct_facts', 'http://127.0.0.1:9', 'whsec_', true, 'expanded', now())`;
  const id = uniqueId('org');
  const [accountId, of] = ['acct_facts', ref(id)];
  const body = { name: 'Ada', email: 'ada@example.com' };
  await customers.create(callOf({ accountId, ...of, body }));
  await customers.update(callOf({ accountId, ...of, body: { name: 'Ada L' } }));
  const refused = await customers.update(
    callOf({ accountId, ...of, body: { name: 'No', default_payment_method_id: 'pm_x' } }),
  );
  expect(refused.status).toBe(404);
  const events = await prisma.$queryRaw<
    { type: string; sequence: bigint; expanded_body: string }[]
  >`
    SELECT type, sequence, expanded_body FROM invoicing.webhook_event WHERE object_id = ${id} ORDER BY sequence`;
  expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
    ['customer.created', 1n],
    ['customer.edited', 2n],
  ]);
  const edited = JSON.parse(events[1]?.expanded_body ?? '') as Record<string, object>;
  expect(edited).toMatchObject({
    customer: { id, name: 'Ada L' },
    properties: { previous_attributes: { name: 'Ada' } },
  });
  expect(edited['properties']).toEqual({ previous_attributes: { name: 'Ada' } });
});
