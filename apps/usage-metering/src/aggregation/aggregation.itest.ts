// Goal: what is answered is what a recount of the stored events says: over rollups and edges, under
// late events and corrections, while rollups are filled, in civil days of any zone; closed windows
// stay as they are.
import type { UsageDefinition, UsageWindow } from '@orbit/contracts';
import {
  createTestDatabase,
  eventually,
  seededRandom,
  uniqueId,
  type TestDatabase,
} from '@orbit/testing';
import { Temporal } from 'temporal-polyfill';
import type { AcceptedEvent } from '../events/domain/usage-event.js';
import { PostgresVersions } from './adapters/postgres-versions.js';
import { usageUnderTest } from './usage-fixture.js';

const METRICS = [
  'SELECT COUNT(*) FROM events',
  'SELECT SUM(x * 1.1) FROM events',
  "SELECT SUM(x) / COUNT(*) FROM events WHERE region <> 'ap'",
  'SELECT MIN(x) FROM events',
  "SELECT MAX(x) - COUNT(*) FILTER (WHERE region = 'eu') FROM events",
  'SELECT COUNT(DISTINCT x) FROM events',
  'SELECT LATEST(x) FROM events',
  'SELECT percentile_cont(0.37) WITHIN GROUP (ORDER BY x) FROM events',
  'SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY x * 1.10) FROM events',
  'SELECT WEIGHTED_SUM(x) - LATEST(x) FROM events',
];
const START = Date.UTC(2026, 3, 1);
const DAY_MS = 86_400_000;
const random = seededRandom();
let database: TestDatabase;
let usage: ReturnType<typeof usageUnderTest>;

beforeAll(async () => {
  database = await createTestDatabase();
  usage = usageUnderTest(database);
  await eventually(() => usage.sql.query('SELECT 1'));
});
afterAll(async () => {
  await usage.pool.end();
  await database.drop();
});

const eventOf = (accountId: string, customerId: string, spanMs: number): AcceptedEvent => ({
  ...{ accountId, customerId, externalCustomerId: null, eventName: 'call' },
  // Of several at one instant the key decides which is the latest: 🔑 is less than ﬀ in UTF-16, and more in UTF-8.
  idempotencyKey: uniqueId(random.pick(['key', '🔑', 'ﬀ'])),
  timestampMs: START + Math.floor(random.integer(0, spanMs) / 500_000) * 500_000,
  properties: {
    x: random.pick<string | number | boolean>([random.integer(-5, 40), '2.25', 'none', true]),
    region: random.pick(['eu', 'us', 'ap']),
  },
});
const events = (
  count: number,
  accountId: string,
  customers: readonly string[],
  spanMs = 3 * DAY_MS,
) =>
  Array.from({ length: count }, (_, at) =>
    eventOf(accountId, customers[at % customers.length] ?? '', spanMs),
  );
const windowOf = (fromMs: number, toMs: number): UsageWindow => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});
const WINDOWS = [
  windowOf(START, START + 3 * DAY_MS),
  windowOf(START + 1, START + DAY_MS + 17 * 60_000),
  windowOf(START + 5 * 3_600_000, START + 5 * 3_600_000 + 1),
  windowOf(START + DAY_MS, START + 2 * DAY_MS),
];

async function definitionsOf(accountId: string): Promise<readonly UsageDefinition[]> {
  const definitions: UsageDefinition[] = [];
  for (const text of METRICS) {
    const metric_id = await usage.makeMetric(accountId, text);
    definitions.push({ metric_id, filter: null, grouping_keys: [] });
    definitions.push({ metric_id, filter: "region IN ('eu', 'us')", grouping_keys: ['region'] });
  }
  return definitions;
}

/** Answers from the store, and from a count of the stored events one by one, must be the same text. */
async function expectRecount(
  accountId: string,
  customers: readonly string[],
  definitions: readonly UsageDefinition[],
  windows: readonly UsageWindow[] = WINDOWS,
): Promise<void> {
  const answer = await usage.counting.usage({
    ...{ account_id: accountId, customer_ids: customers, definitions, windows },
    is_lasting: true,
  });
  const stored = usage
    .stored()
    .filter((event) => event.accountId === accountId && customers.includes(event.customerId ?? ''));
  const recount = await usage.counting.preview({
    ...{ account_id: accountId, definitions, windows },
    events: stored.map((event) => ({
      ...{ event_name: event.eventName, idempotency_key: event.idempotencyKey },
      timestamp: new Date(event.timestampMs).toISOString(),
      ...{ customer_id: event.customerId, external_customer_id: null },
      properties: event.properties,
    })),
  });
  expect(recount.faults).toEqual([]);
  expect(answer).toEqual(recount);
}

it('answers what a recount says: before rollups, while they are filled, after late events and corrections', async () => {
  const accountId = uniqueId('acct');
  const customers = [uniqueId('org'), uniqueId('org'), uniqueId('org')];
  const definitions = await definitionsOf(accountId);
  await usage.ingest(events(300, accountId, customers));
  await expectRecount(accountId, customers, definitions);
  await usage.fills.run(3);
  await expectRecount(accountId, customers, definitions);
  await Promise.all([
    usage.fills.run(1_000),
    ...Array.from({ length: 4 }, () => usage.ingest(events(60, accountId, customers))),
  ]);
  await usage.fills.run(1_000);
  const [left] = await usage.sql.query<{ count: string }>(
    `SELECT count(*) FROM usage_metering.usage_leaf_fill f JOIN usage_metering.usage_leaf l ON l.id = f.leaf_id
     WHERE l.account_id = $1 AND f.filled_from > '-infinity'`,
    [accountId],
  );
  expect(left?.count).toBe('0');
  await expectRecount(accountId, customers, definitions);
  const stored = usage.stored().filter((event) => event.accountId === accountId);
  for (const event of random.shuffle(stored).slice(0, 60)) {
    await usage.correct(event, random.chance(0.5) ? { x: 100, region: 'eu' } : null);
  }
  await expectRecount(accountId, customers, definitions);
  await usage.fills.run(1_000);
  const [dirty] = await usage.sql.query<{ count: string }>(
    'SELECT count(*) FROM usage_metering.usage_leaf_bucket WHERE is_dirty',
  );
  expect(dirty?.count).toBe('0');
  await expectRecount(accountId, customers, definitions);
}, 120_000);

it('reads no event where windows are whole hours, whatever the metric', async () => {
  const accountId = uniqueId('acct');
  const customers = [uniqueId('org'), uniqueId('org')];
  const definitions = await definitionsOf(accountId);
  const windows = [windowOf(START, START + 3 * DAY_MS), windowOf(START, START + 3_600_000)];
  const question = { account_id: accountId, customer_ids: customers, definitions, windows };
  await usage.ingest(events(200, accountId, customers, 3 * DAY_MS - 1));
  await usage.counting.usage({ ...question, is_lasting: true });
  await usage.fills.run(1_000);
  await usage.ingest(events(100, accountId, customers, 3 * DAY_MS - 1));
  await expectRecount(accountId, customers, definitions, windows);
  const answer = await usage.counting.usage(question);
  await usage.sql.query(
    "UPDATE usage_metering.usage_event SET state = 'reverted' WHERE account_id = $1",
    [accountId],
  );
  expect(await usage.counting.usage(question)).toEqual(answer);
});

it.each([
  ['Asia/Kolkata', '2026-04-01', 24],
  ['Asia/Kathmandu', '2026-04-01', 24],
  ['Australia/Lord_Howe', '2026-04-05', 24.5],
  ['America/New_York', '2026-03-08', 23],
  ['America/New_York', '2026-11-01', 25],
])('a civil day of %s, %s, has %d hours and meets whole buckets', async (zone, day, hours) => {
  const date = Temporal.PlainDate.from(day);
  const from = date.toZonedDateTime(zone).epochMilliseconds;
  const to = date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
  expect((to - from) / 3_600_000).toBe(hours);
  const accountId = uniqueId('acct');
  const customer = uniqueId('org');
  const metric_id = await usage.makeMetric(accountId, 'SELECT COUNT(*) FROM events');
  const definitions = [{ metric_id, filter: null, grouping_keys: [] }];
  const at = (timestampMs: number) => ({ ...eventOf(accountId, customer, 0), timestampMs });
  await usage.ingest([at(from - 1), at(from), at(to - 1), at(to)]);
  const windows = [windowOf(from, to)];
  await expectRecount(accountId, [customer], definitions, windows);
  await usage.fills.run(1_000);
  await expectRecount(accountId, [customer], definitions, windows);
  const answer = await usage.counting.usage({
    ...{ account_id: accountId, customer_ids: [customer], definitions, windows },
  });
  expect(answer.results[0]?.windows[0]?.groups[0]?.quantity).toBe('2');
  // The day is whole buckets: nothing is left for events to answer.
  await usage.sql.query(
    "UPDATE usage_metering.usage_event SET state = 'reverted' WHERE account_id = $1",
    [accountId],
  );
  expect(
    await usage.counting.usage({
      ...{ account_id: accountId, customer_ids: [customer], definitions, windows },
    }),
  ).toEqual(answer);
});

it('T26: events of 2026-04-01T03:59:59.999Z and 04:00Z lie in March and April of New York', async () => {
  const accountId = uniqueId('acct');
  const customer = uniqueId('org');
  const metric_id = await usage.makeMetric(accountId, 'SELECT COUNT(*) FROM events');
  const times = ['2026-04-01T03:59:59.999Z', '2026-04-01T04:00:00.000Z'];
  await usage.ingest(
    times.map((time) => ({
      ...eventOf(accountId, customer, 0),
      timestampMs: Date.parse(time),
    })),
  );
  const months = ['2026-03-01', '2026-04-01', '2026-05-01'].map(
    (day) => Temporal.PlainDate.from(day).toZonedDateTime('America/New_York').epochMilliseconds,
  );
  const [march = 0, april = 0, may = 0] = months;
  expect((april - march) / 3_600_000).toBe(743);
  const answer = await usage.counting.usage({
    ...{ account_id: accountId, customer_ids: [customer] },
    definitions: [{ metric_id, filter: null, grouping_keys: [] }],
    windows: [windowOf(march, april), windowOf(april, may)],
  });
  const quantities = answer.results[0]?.windows.map(({ groups }) => groups[0]?.quantity);
  expect(quantities).toEqual(['1', '1']);
});

it('a closed window answers the same rows again; what comes later makes another revision', async () => {
  const accountId = uniqueId('acct');
  const customer = uniqueId('org');
  const metric_id = await usage.makeMetric(accountId, 'SELECT SUM(x) FROM events');
  const event = (x: number) => ({
    ...{ ...eventOf(accountId, customer, DAY_MS - 1), properties: { x } },
  });
  await usage.ingest([event(100), event(1)]);
  const request = {
    ...{ account_id: accountId, interval_id: uniqueId('interval'), customer_ids: [customer] },
    definition: { metric_id, filter: null, grouping_keys: [] },
    windows: [windowOf(START, START + DAY_MS), windowOf(START + DAY_MS, START + 2 * DAY_MS)],
  };
  usage.progress.caughtUp = false;
  expect(await usage.closing.run(request)).toEqual({ state: 'behind' });
  expect(await usage.closing.read(accountId, request.interval_id)).toEqual([]);
  usage.progress.caughtUp = true;
  const [first, ...same] = await Promise.all([1, 2, 3].map(() => usage.closing.run(request)));
  for (const each of same) expect(each).toEqual(first);
  expect(first).toMatchObject({
    state: 'closed',
    rows: [
      { revision: 0, groups: [{ quantity: '101', event_count: 2 }] },
      { revision: 0, groups: [{ quantity: '0', event_count: 0 }] },
    ],
  });
  expect(await usage.closing.revise()).toBe(0);

  const stored = usage
    .stored()
    .find((each) => each.accountId === accountId && each.properties['x'] === 100);
  await usage.correct(stored!, { x: 80 });
  expect(await usage.closing.run(request)).toEqual(first);
  expect(await usage.closing.revise()).toBe(1);
  expect(await usage.closing.revise()).toBe(0);
  expect(await usage.closing.run(request)).toEqual(first);
  const rows = await usage.closing.read(accountId, request.interval_id);
  expect(rows.map(({ revision, groups }) => [revision, groups[0]?.quantity])).toEqual([
    [0, '101'],
    [0, '0'],
    [1, '81'],
  ]);
  expect(rows[2]?.groups[0]?.fingerprint).not.toBe(rows[0]?.groups[0]?.fingerprint);
});

it.each([
  [{ metric_id: 'metric_none', filter: null, grouping_keys: [] }, 'definitions.0.metric_id'],
  [{ filter: 'pg_sleep(1) = 1', grouping_keys: [] }, 'definitions.0.filter: the function pg_sleep'],
  [{ filter: null, grouping_keys: ['a', 'version()'] }, 'definitions.0.grouping_keys.1'],
  [{ filter: null, grouping_keys: [], parameters: { no: 1 } }, 'definitions.0.parameters.no'],
])('names what of %o cannot be counted', async (definition, named) => {
  const accountId = uniqueId('acct');
  const metric_id = await usage.makeMetric(accountId, 'SELECT COUNT(*) FROM events');
  const answer = await usage.counting.usage({
    ...{ account_id: accountId, customer_ids: ['org_1'], windows: WINDOWS },
    definitions: [{ metric_id, ...definition }],
  });
  expect(answer.results).toEqual([]);
  expect(answer.faults[0]).toContain(named);
});

it('a leaf with more than 10,000 groups in a quarter of an hour is read from events again', async () => {
  const accountId = uniqueId('acct');
  const customer = uniqueId('org');
  const metric_id = await usage.makeMetric(accountId, 'SELECT COUNT(*) FROM events');
  const definitions = [{ metric_id, filter: null, grouping_keys: ['user'] }];
  const windows = [windowOf(START, START + DAY_MS)];
  const question = { account_id: accountId, customer_ids: [customer], definitions, windows };
  await usage.counting.usage({ ...question, is_lasting: true });
  const users = (from: number, count: number): readonly AcceptedEvent[] =>
    Array.from({ length: count }, (_, at) => ({
      ...eventOf(accountId, customer, 0),
      properties: { user: `u${from + at}` },
    }));
  await usage.ingest(users(0, 1));
  await usage.fills.run(1_000);
  const stopped = async (): Promise<unknown> =>
    (
      await usage.sql.query<{ stopped_at: Date | null }>(
        'SELECT stopped_at FROM usage_metering.usage_leaf WHERE account_id = $1',
        [accountId],
      )
    )[0]?.stopped_at;
  for (let from = 1; from < 10_001; from += 2_500) {
    expect(await stopped()).toBeNull();
    await usage.ingest(users(from, 2_500));
  }
  await usage.ingest(users(20_000, 25));
  expect(await stopped()).toEqual(new Date(Date.UTC(2026, 5, 1)));
  const answer = await usage.counting.usage(question);
  expect(answer.results[0]?.windows[0]?.groups).toHaveLength(10_026);
}, 60_000);

test('the version of a customer grows with each change of what counts, and of nobody else', async () => {
  const [account, one, other] = [uniqueId('acct'), uniqueId('org'), uniqueId('org')];
  const versions = () => new PostgresVersions(usage.sql).read(account, [one, other]);
  expect(await versions()).toEqual({});
  const [first] = events(1, account, [one]);
  await usage.ingest(first ? [first] : []);
  expect(await versions()).toEqual({ [one]: '1' });
  await usage.ingest(first ? [first] : []);
  expect(await versions()).toEqual({ [one]: '1' });
  const [stored] = usage.stored().filter(({ customerId }) => customerId === one);
  if (stored) await usage.correct(stored, null);
  expect(await versions()).toEqual({ [one]: '2' });
});
