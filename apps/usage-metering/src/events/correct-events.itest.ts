// Goal: on a real database an event is amended and deprecated without a trace lost: one version
// counts, followers see exactly the difference, limits hold, repeats and races change nothing.
import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { findOperation, responseFaults } from '@orbit/orb-api';
import {
  attackOwner,
  createTestDatabase,
  fingerprintTables,
  type AttackedOperation,
  type TestDatabase,
} from '@orbit/testing';
import type pg from 'pg';
import { PostgresUsageWriter } from '../ingest/adapters/postgres-usage-writer.js';
import { StoreEvents } from '../ingest/application/store-events.js';
import { PostgresCorrector, PostgresEvents } from './adapters/postgres-events.js';
import { makeUsagePool, poolSession, PostgresTransactions } from './adapters/postgres-sessions.js';
import { PostgresVolume } from './adapters/postgres-volume.js';
import { CorrectEvents } from './application/correct-events.js';
import { ServeEvents } from './application/serve-events.js';
import type { BillingPeriod } from './domain/correction-window.js';
import type { UsageChange } from './domain/usage-store.js';

const NOW_MS = Date.parse('2026-11-30T12:30:00.000Z');
const clock = { nowMs: () => NOW_MS };
const accountClock = { nowMs: () => Promise.resolve(NOW_MS) };
let database: TestDatabase;
let pool: pg.Pool;
let store: StoreEvents;
let correct: CorrectEvents;
let serve: ServeEvents;
let changes: UsageChange[] = [];
let periods: readonly BillingPeriod[] = [];
/** Runs while a correction waits for what is on its way. */
let arriving: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  database = await createTestDatabase();
  const databaseUrl = database.urlFor('orbit_usage_metering');
  pool = makeUsagePool({ databaseUrl, sizeMax: 6, logger: { warn: () => undefined } });
  const transactions = new PostgresTransactions(pool);
  const follower = {
    apply: async (_sql: unknown, change: UsageChange) => void changes.push(change),
  };
  const followers = [new PostgresVolume(), follower];
  store = new StoreEvents(new PostgresUsageWriter(transactions, followers), clock);
  const inFlight = { arrived: () => arriving() };
  const corrector = new PostgresCorrector(transactions, followers);
  const billing = { current: () => Promise.resolve(periods) };
  correct = new CorrectEvents(corrector, inFlight, accountClock, clock, billing);
  serve = new ServeEvents(new PostgresEvents(poolSession(pool)), accountClock);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  changes = [];
  periods = [];
  arriving = () => Promise.resolve();
});

const call = (account: string, change: Partial<OrbCall>): OrbCall => ({
  account: { id: account, mode: 'live', default_currency: 'USD', timezone: 'UTC' },
  customer: { id: 'org_1', external_customer_id: null },
  path: {},
  query: {},
  body: {},
  idempotency: null,
  ...change,
});
const amendment = (account: string, key: string, body: object = {}, customer = 'org_1'): OrbCall =>
  call(account, {
    path: { event_id: key },
    customer: { id: customer, external_customer_id: null },
    body: {
      customer_id: customer,
      event_name: 'call',
      timestamp: '2026-11-30T12:00:00.000Z',
      properties: { n: 2 },
      ...body,
    },
  });
const put = (accountId: string, keys: readonly string[], change: object = {}): Promise<void> =>
  store.run([
    keys.map((idempotencyKey) => ({
      accountId,
      idempotencyKey,
      customerId: 'org_1',
      externalCustomerId: null,
      eventName: 'call',
      timestampMs: Date.parse('2026-11-30T12:00:00Z'),
      properties: { n: 1 },
      ...change,
    })),
  ]);
interface Shown {
  readonly id: string;
  readonly properties: object;
  readonly deprecated: boolean;
}
async function search(account: string, event_ids: readonly string[], body: object = {}) {
  const { status, body: text } = await serve.search(
    call(account, { body: { event_ids, ...body } }),
  );
  const shown = JSON.parse(text ?? '') as { readonly data: readonly Shown[] };
  if (status === 200) {
    expect(responseFaults(findOperation('search-events')!, shown)).toEqual([]);
  }
  return { status, shown, data: shown.data };
}
const refusal = ({ status, body }: OrbAnswer): { status: number; type: string; detail: string } => {
  const { type, detail } = JSON.parse(body ?? '{}') as { type?: string; detail?: string };
  return { status, type: (type ?? '').split('#')[1] ?? '', detail: detail ?? '' };
};

test('an event without properties is answered as the contract has answers: with one at least', async () => {
  await put('acct_e', ['none'], { properties: {} });
  await put('acct_e', ['empty'], { properties: { a: '' } });
  const { data } = await search('acct_e', ['none', 'empty']);
  const shown = Object.fromEntries(data.map(({ id, properties }) => [id, properties]));
  expect(shown).toEqual({ none: { event_name: 'call' }, empty: { a: '' } });
});

test('an amended event counts with its new content alone; the same amendment again changes nothing', async () => {
  await put('acct_m', ['a']);
  changes = [];
  const done = { status: 200, body: '{"amended":"a"}' };
  expect(await correct.amend(amendment('acct_m', 'a'))).toEqual(done);
  expect(await correct.amend(amendment('acct_m', 'a'))).toEqual(done);
  expect(changes).toHaveLength(1);
  expect(changes[0]).toMatchObject({
    added: [{ version: 2, properties: { n: 2 }, state: 'visible' }],
    removed: [{ version: 1, properties: { n: 1 } }],
  });
  const { data } = await search('acct_m', ['a', 'A', 'unknown']);
  expect(data).toEqual([
    {
      id: 'a',
      customer_id: 'org_1',
      external_customer_id: null,
      event_name: 'call',
      properties: { n: 2 },
      timestamp: '2026-11-30T12:00:00.000Z',
      deprecated: false,
    },
  ]);
  const { rows } = await pool.query(
    `SELECT version, state FROM usage_metering.usage_event WHERE account_id = 'acct_m' ORDER BY version`,
  );
  expect(rows).toEqual([
    { version: 1, state: 'amended' },
    { version: 2, state: 'visible' },
  ]);
});

test('an event of a billing period that is closed is not corrected, and nothing changes; its repeat is no correction', async () => {
  await put('acct_p', ['a', 'b']);
  expect((await correct.amend(amendment('acct_p', 'a'))).status).toBe(200);
  changes = [];
  const [startMs, subscriptionStartMs] = [Date.parse('2026-11-30T12:00:00.001Z'), 0];
  const month = { startMs, endMs: startMs + 30 * 86_400_000, subscriptionStartMs: startMs };
  periods = [{ ...month, anchorDay: 30, timezone: 'UTC' }];
  const before = await fingerprintTables(database.adminUrl, 'usage_metering');
  for (const answer of [
    await correct.amend(amendment('acct_p', 'b')),
    await correct.deprecate(call('acct_p', { path: { event_id: 'a' } })),
  ]) {
    expect(refusal(answer)).toMatchObject({ status: 400, type: '400-constraint-violation' });
    expect(refusal(answer).detail).toContain('before 2026-11-30T12:00:00.001Z');
  }
  expect((await correct.amend(amendment('acct_p', 'a'))).status).toBe(200);
  expect(await fingerprintTables(database.adminUrl, 'usage_metering')).toEqual(before);
  // Within its grace the period before is still open.
  periods = [{ ...month, subscriptionStartMs, anchorDay: 30, timezone: 'UTC' }];
  expect((await correct.amend(amendment('acct_p', 'b'))).status).toBe(200);
  expect(changes).toHaveLength(1);
});

test('a deprecated event does not count, is shown as such, and is neither amended nor ingested again', async () => {
  await put('acct_d', ['a']);
  changes = [];
  const deprecate = (): Promise<OrbAnswer> =>
    correct.deprecate(call('acct_d', { path: { event_id: 'a' } }));
  const done = { status: 200, body: '{"deprecated":"a"}' };
  expect(await Promise.all([deprecate(), deprecate()])).toEqual([done, done]);
  await put('acct_d', ['a']);
  expect(changes).toMatchObject([{ added: [], removed: [{ idempotencyKey: 'a' }] }]);
  expect(refusal(await correct.amend(amendment('acct_d', 'a')))).toMatchObject({
    status: 400,
    type: '400-constraint-violation',
  });
  expect((await search('acct_d', ['a'])).data).toMatchObject([{ id: 'a', deprecated: true }]);
  const query = { timeframe_start: '2026-11-30T12:30:00Z' };
  expect((await serve.volume(call('acct_d', { query }))).body).toBe('{"data":[]}');
});

test.each([
  ['another instant', { timestamp: '2026-11-30T12:00:00.001Z' }, 'org_1', /^timestamp must be/],
  ['another customer', {}, 'org_2', /^customer_id must name the customer of the event/],
])('an amendment with %s is refused, and the event stays', async (title, body, customer, text) => {
  await put(title, ['a']);
  changes = [];
  const refused = refusal(await correct.amend(amendment(title, 'a', body, customer)));
  expect(refused).toMatchObject({ status: 400, detail: expect.stringMatching(text) });
  expect(changes).toEqual([]);
  expect((await search(title, ['a'])).data).toMatchObject([{ properties: { n: 1 } }]);
});

test('an event that nobody has is not found; one that is on its way is waited for; foreign ones are not there', async () => {
  const missing = { status: 404, type: '404-resource-not-found' };
  expect(refusal(await correct.amend(amendment('acct_w', 'a')))).toMatchObject(missing);
  arriving = () => put('acct_w', ['a']);
  expect((await correct.amend(amendment('acct_w', 'a'))).status).toBe(200);
  arriving = () => Promise.resolve();
  const foreign = call('acct_x', { path: { event_id: 'a' } });
  expect(refusal(await correct.deprecate(foreign))).toMatchObject(missing);
  expect((await search('acct_x', ['a'])).data).toEqual([]);
});

test('a customer has 100 amendments and 100 deprecations in 100 days, also when they come at once', async () => {
  const keys = Array.from({ length: 205 }, (_, i) => `k${i}`);
  await put('acct_l', keys);
  const answers = await Promise.all([
    ...keys.slice(0, 102).map((key) => correct.amend(amendment('acct_l', key))),
    ...keys.slice(102).map((key) => correct.deprecate(call('acct_l', { path: { event_id: key } }))),
  ]);
  const refused = answers.filter(({ status }) => status === 400).map(refusal);
  expect(refused).toHaveLength(5);
  for (const one of refused) expect(one.type).toBe('400-constraint-violation');
  const { rows } = await pool.query(
    `SELECT count(*)::integer AS n FROM usage_metering.usage_event
     WHERE account_id = 'acct_l' AND state = 'visible'`,
  );
  expect(rows).toEqual([{ n: 105 }]);
  await put('acct_l', ['other'], { customerId: 'org_2' });
  expect((await correct.amend(amendment('acct_l', 'other', {}, 'org_2'))).status).toBe(200);
});

test('two amendments at once: one version counts in the end, and what followers saw adds up', async () => {
  await put('acct_r', ['a']);
  const both = [2, 3, 4, 5].map((n) =>
    correct.amend(amendment('acct_r', 'a', { properties: { n } })),
  );
  for (const { status } of await Promise.all(both)) expect(status).toBe(200);
  const sum = (of: 'added' | 'removed'): number =>
    changes
      .flatMap((change) => change[of])
      .reduce((n, event) => n + Number(event.properties['n']), 0);
  const [last] = (await search('acct_r', ['a'])).data;
  expect(sum('added') - sum('removed')).toBe((last?.properties as { n: number }).n);
  const volume = await serve.volume(
    call('acct_r', { query: { timeframe_start: '2026-11-30T12:30:00Z' } }),
  );
  const shown = JSON.parse(volume.body ?? '') as unknown;
  expect(responseFaults(findOperation('get-event-volume')!, shown)).toEqual([]);
  expect(shown).toEqual({
    data: [
      {
        timeframe_start: '2026-11-30T12:00:00.000Z',
        timeframe_end: '2026-11-30T13:00:00.000Z',
        count: 1,
      },
    ],
  });
});

test('search looks at the last seven days unless told otherwise; its end is exclusive', async () => {
  const at = (day: string): Promise<void> =>
    put('acct_s', [day], { timestampMs: Date.parse(`2026-11-${day}T12:30:00Z`) });
  for (const day of ['22', '23', '24']) await at(day);
  const ids = async (body: object): Promise<readonly string[]> =>
    (await search('acct_s', ['22', '23', '24'], body)).data.map(({ id }) => id);
  expect(await ids({})).toEqual(['23', '24']);
  expect(
    await ids({ timeframe_start: '2026-11-22', timeframe_end: '2026-11-24T12:30:00Z' }),
  ).toEqual(['22', '23']);
  expect((await search('acct_s', [], { timeframe_start: '2026-12-01T00:00:00Z' })).status).toBe(
    400,
  );
});

test('a refused correction leaves every table as it was', async () => {
  await put('acct_s', ['a', 'gone']);
  await put('acct_s', ['unnamed'], { customerId: null, externalCustomerId: 'nobody' });
  await correct.deprecate(call('acct_s', { path: { event_id: 'gone' } }));
  const state = () => fingerprintTables(database.adminUrl, 'usage_metering');
  const later = { timestamp: '2026-11-30T12:00:00.001Z' };
  const refusals: readonly (readonly [string, () => Promise<OrbAnswer>, number])[] = [
    ['another instant', () => correct.amend(amendment('acct_s', 'a', later)), 400],
    ['another customer', () => correct.amend(amendment('acct_s', 'a', {}, 'org_2')), 400],
    ['deprecated', () => correct.amend(amendment('acct_s', 'gone')), 400],
    ['of nobody yet', () => correct.amend(amendment('acct_s', 'unnamed')), 400],
    ['unknown', () => correct.amend(amendment('acct_s', 'unknown')), 404],
    ['foreign', () => correct.deprecate(call('acct_t', { path: { event_id: 'a' } })), 404],
  ];
  for (const [what, request, status] of refusals) {
    const before = await state();
    expect([what, (await request()).status]).toEqual([what, status]);
    expect([what, await state()]).toEqual([what, before]);
  }
});

test('every field of each operation wrong in turn is refused, and no table changes', async () => {
  await put('acct_w', ['a', 'b']);
  const state = () => fingerprintTables(database.adminUrl, 'usage_metering');
  const window = {
    timeframe_start: '2026-11-30T00:00:00Z',
    timeframe_end: '2026-11-30T12:30:00Z',
  };
  const { path, body } = amendment('acct_w', 'a');
  const operations: readonly AttackedOperation[] = [
    {
      ...{ id: 'search-events', bodies: [{ event_ids: ['a', 'b'], ...window }] },
      serve: (part) => serve.search(call('acct_w', part)),
    },
    {
      ...{ id: 'get-event-volume', query: 'timeframe_start=2026-11-30T00:00:00Z' },
      serve: (part) => serve.volume(call('acct_w', part)),
    },
    {
      ...{ id: 'amend-event', bodies: [body] },
      serve: (part) => correct.amend(call('acct_w', { path, ...part })),
    },
  ];
  for (const operation of operations) expect(await attackOwner(operation, state)).toEqual([]);
});
