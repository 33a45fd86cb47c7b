// Goal: on a real database the events of a backfill are invisible until it is closed, then stand in
// the place of others or beside them, all at once, and can be taken back; followers see the sums.
import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { createPrisma, PrismaChanges, type PrismaClient } from '@orbit/persistence';
import {
  attackOwner,
  createTestDatabase,
  fingerprintTables,
  type TestDatabase,
} from '@orbit/testing';
import type pg from 'pg';
import {
  makeUsagePool,
  poolSession,
  PostgresTransactions,
} from '../events/adapters/postgres-sessions.js';
import { PostgresUsageReader } from '../events/adapters/postgres-usage-reader.js';
import { PostgresVolume } from '../events/adapters/postgres-volume.js';
import type { AcceptedEvent } from '../events/domain/usage-event.js';
import type { UsageChange } from '../events/domain/usage-store.js';
import { PostgresUsageWriter } from '../ingest/adapters/postgres-usage-writer.js';
import { StoreEvents } from '../ingest/application/store-events.js';
import { parseWithPostgres } from '../metrics/adapters/parse-with-postgres.js';
import { PostgresBackfillRuns } from './adapters/postgres-backfill-runs.js';
import { PrismaBackfills, SqlBackfills } from './adapters/prisma-backfills.js';
import { RunBackfills } from './application/run-backfills.js';
import { ServeBackfills } from './application/serve-backfills.js';

let nowMs = Date.parse('2026-11-30T12:30:00.000Z');
const clock = { nowMs: () => nowMs };
const accountClock = { nowMs: () => Promise.resolve(nowMs) };
let database: TestDatabase;
let pool: pg.Pool;
let prisma: PrismaClient;
let store: StoreEvents;
let runs: PostgresBackfillRuns;
let serve: ServeBackfills;
let job: RunBackfills;
let changes: UsageChange[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const databaseUrl = database.urlFor('orbit_usage_metering');
  pool = makeUsagePool({ databaseUrl, sizeMax: 6, logger: { warn: () => undefined } });
  prisma = createPrisma(databaseUrl, { poolSizeMax: 4 });
  const transactions = new PostgresTransactions(pool);
  const follower = {
    apply: async (_sql: unknown, change: UsageChange) => void changes.push(change),
  };
  const followers = [new PostgresVolume(), follower];
  store = new StoreEvents(new PostgresUsageWriter(transactions, followers), clock);
  runs = new PostgresBackfillRuns(transactions, poolSession(pool), followers);
  const prismaChanges = new PrismaChanges(
    prisma,
    clock,
    'usage_metering',
    (sql) => new SqlBackfills(sql),
  );
  const backfills = new PrismaBackfills(prisma);
  serve = new ServeBackfills(
    backfills,
    prismaChanges,
    accountClock,
    parseWithPostgres,
    () => undefined,
  );
  job = new RunBackfills(runs, { arrived: () => Promise.resolve() }, parseWithPostgres, clock);
});
afterAll(async () => {
  await prisma.$disconnect();
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  changes = [];
});

const call = (account: string, change: Partial<OrbCall>): OrbCall => ({
  account: { id: account, mode: 'live', default_currency: 'USD', timezone: 'UTC' },
  customer: null,
  path: {},
  query: {},
  body: {},
  idempotency: null,
  ...change,
});
const customer = (id: string) => ({ id, external_customer_id: null });
interface Shown {
  readonly id: string;
  readonly status: string;
  readonly events_ingested: number;
  readonly detail: string;
  readonly data: readonly Shown[];
}
function shown(operation: string, { status, body }: OrbAnswer): Shown & { http: number } {
  const value = JSON.parse(body ?? '{}') as Shown;
  if (status === 200) expect(responseFaults(findOperation(operation)!, value)).toEqual([]);
  return { ...value, http: status };
}
const DAY = { timeframe_start: '2026-11-01T00:00:00Z', timeframe_end: '2026-11-02T00:00:00Z' };
const create = async (account: string, body: object = {}, of: string | null = 'org_1') =>
  shown(
    'create-backfill',
    await serve.create(
      call(account, { body: { ...DAY, ...body }, customer: of === null ? null : customer(of) }),
    ),
  );
const act = async (account: string, what: 'close' | 'revert' | 'fetch', id: string) =>
  shown(`${what}-backfill`, await serve[what](call(account, { path: { backfill_id: id } })));

const event = (accountId: string, key: string, n: number, change: object = {}): AcceptedEvent => ({
  accountId,
  idempotencyKey: key,
  customerId: 'org_1',
  externalCustomerId: null,
  eventName: 'call',
  timestampMs: Date.parse('2026-11-01T12:00:00Z'),
  properties: { n, region: n % 2 === 0 ? 'eu' : 'us' },
  ...change,
});
async function counted(accountId: string): Promise<readonly string[]> {
  const bounds = { fromMs: Date.parse('2000-01-01'), toMs: Date.parse('2999-01-01') };
  const found: string[] = [];
  for await (const page of new PostgresUsageReader(poolSession(pool)).read({
    accountId,
    ...bounds,
  })) {
    found.push(...page.map((one) => `${one.idempotencyKey}=${String(one.properties['n'])}`));
  }
  return found.sort();
}
/** What followers hold when they add what came and take away what left. */
function followed(): readonly string[] {
  const held = new Map<string, number>();
  const add = (of: UsageChange['added'], by: number): void => {
    for (const one of of) {
      const name = `${one.idempotencyKey}=${String(one.properties['n'])}`;
      held.set(name, (held.get(name) ?? 0) + by);
    }
  };
  for (const { added, removed } of changes) {
    add(added, 1);
    add(removed, -1);
  }
  return [...held].flatMap(([name, count]) => Array<string>(count).fill(name)).sort();
}
const put = (account: string, id: string, events: readonly AcceptedEvent[]): Promise<boolean> =>
  runs.store(account, id, events, nowMs);

test('a backfill that replaces is invisible until it is closed, then stands alone in its window, and goes again', async () => {
  const outside = { timestampMs: Date.parse('2026-11-02T00:00:00Z') };
  const before = [
    event('acct_r', 'a', 1),
    event('acct_r', 'b', 2),
    event('acct_r', 'c', 3, outside),
  ];
  await store.run([[...before, event('acct_r', 'other', 9, { customerId: 'org_2' })]]);
  const old = ['a=1', 'b=2', 'c=3', 'other=9'];
  const { id, status } = await create('acct_r');
  expect(status).toBe('pending');
  const events = [event('acct_r', 'a', 10), event('acct_r', 'new', 11), event('acct_r', 'c', 12)];
  expect(await put('acct_r', id, events)).toBe(true);
  expect(await put('acct_r', id, events)).toBe(true);
  expect(await put('acct_other', id, events)).toBe(false);
  expect(await act('acct_r', 'fetch', id)).toMatchObject({ status: 'pending', events_ingested: 3 });
  expect(await job.run()).toBe(0);
  expect(await counted('acct_r')).toEqual(old);
  expect((await act('acct_r', 'close', id)).http).toBe(200);
  expect(await job.run()).toBe(1);
  // `c` counts outside of the window already: its key is taken.
  const reflected = ['a=10', 'c=3', 'new=11', 'other=9'];
  expect(await counted('acct_r')).toEqual(reflected);
  expect(followed()).toEqual(reflected);
  expect(await act('acct_r', 'fetch', id)).toMatchObject({ status: 'reflected' });
  expect((await act('acct_r', 'close', id)).http).toBe(400);
  // What was accepted before the close and comes after it counts as well.
  await put('acct_r', id, [event('acct_r', 'late', 13)]);
  expect(await counted('acct_r')).toEqual(['a=10', 'c=3', 'late=13', 'new=11', 'other=9']);
  expect(await act('acct_r', 'revert', id)).toMatchObject({ status: 'pending_revert' });
  expect(await job.run()).toBe(1);
  expect(await act('acct_r', 'fetch', id)).toMatchObject({ status: 'reverted' });
  expect(await counted('acct_r')).toEqual(old);
  expect(followed()).toEqual(old);
  // The keys of what was taken back are free again, those of what came back are not.
  await store.run([[event('acct_r', 'new', 20), event('acct_r', 'a', 21)]]);
  expect(await counted('acct_r')).toEqual(['a=1', 'b=2', 'c=3', 'new=20', 'other=9']);
  const { rows } = await pool.query<{ n: number }>(
    `SELECT sum(event_count)::integer AS n FROM usage_metering.usage_volume WHERE account_id = 'acct_r'`,
  );
  expect(rows).toEqual([{ n: 5 }]);
});

test('a backfill that adds leaves what is there; a filter replaces what it means alone; the close time closes', async () => {
  await store.run([[event('acct_a', 'a', 1), event('acct_a', 'b', 2)]]);
  const adding = await create('acct_a', { replace_existing_events: false });
  await put('acct_a', adding.id, [event('acct_a', 'a', 5), event('acct_a', 'c', 6)]);
  nowMs += 86_400_000;
  expect(await job.run()).toBe(1);
  expect(await counted('acct_a')).toEqual(['a=1', 'b=2', 'c=6']);
  const filter = { deprecation_filter: "region = 'eu' AND n > 1" };
  const replacing = await create('acct_a', filter, null);
  await act('acct_a', 'close', replacing.id);
  await job.run();
  expect(await counted('acct_a')).toEqual(['a=1']);
  await act('acct_a', 'revert', replacing.id);
  await job.run();
  expect(await counted('acct_a')).toEqual(['a=1', 'b=2', 'c=6']);
  expect(followed()).toEqual(['a=1', 'b=2', 'c=6']);
});

test('reverting a pending backfill ends it at once; what still comes for it never counts', async () => {
  const { id } = await create('acct_p');
  await put('acct_p', id, [event('acct_p', 'a', 1)]);
  expect(await act('acct_p', 'revert', id)).toMatchObject({ status: 'reverted' });
  await put('acct_p', id, [event('acct_p', 'b', 2)]);
  expect(await job.run()).toBe(0);
  expect(await counted('acct_p')).toEqual([]);
  expect((await act('acct_p', 'revert', id)).http).toBe(400);
  await store.run([[event('acct_p', 'a', 3)]]);
  expect(await counted('acct_p')).toEqual(['a=3']);
});

test('windows of one customer, or of all, do not meet while they are open; also when they are made at once', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => create('acct_c')));
  expect(answers.map(({ http }) => http).sort()).toEqual([200, 400, 400]);
  expect((await create('acct_c', {}, 'org_2')).http).toBe(200);
  expect((await create('acct_c', {}, null)).http).toBe(400);
  const next = { timeframe_start: DAY.timeframe_end, timeframe_end: '2026-11-03T00:00:00Z' };
  expect((await create('acct_c', next, null)).http).toBe(200);
  expect((await create('acct_other', {}, null)).http).toBe(200);
  const { id } = answers.find(({ http }) => http === 200)!;
  expect((await act('acct_other', 'fetch', id)).http).toBe(404);
  await act('acct_c', 'revert', id);
  expect((await create('acct_c')).http).toBe(200);
  const list = async (query: OrbCall['query']): Promise<readonly Shown[]> =>
    shown('list-backfills', await serve.list(call('acct_c', { query }))).data;
  expect(await list({})).toHaveLength(4);
  expect(await list({ customer_id: 'org_2' })).toHaveLength(1);
  expect((await list({ status: 'reverted' })).map((one) => one.id)).toEqual([id]);
});

test.each([
  ['an end before its start', { timeframe_end: '2026-10-31T00:00:00Z' }, /^timeframe_end/],
  ['more than 31 days', { timeframe_end: '2026-12-02T00:00:01Z' }, /^timeframe_end/],
  ['a close time that is past', { close_time: '2026-11-01T00:00:00Z' }, /^close_time/],
  [
    'a filter that adds',
    { replace_existing_events: false, deprecation_filter: 'a = 1' },
    /^deprecation_filter/,
  ],
  ['a filter that is none', { deprecation_filter: 'pg_sleep(1)' }, /^deprecation_filter/],
  ['a filter with statements', { deprecation_filter: '1=1; DROP TABLE x' }, /^deprecation_filter/],
])('%s is refused, and nothing is made', async (title, body, text) => {
  const refused = await create(title, body);
  expect(refused).toMatchObject({ http: 400, detail: expect.stringMatching(text) });
  const { data } = shown('list-backfills', await serve.list(call(title, {})));
  expect(data).toEqual([]);
});

test('a refused request leaves every table as it was', async () => {
  const open = await create('acct_refused');
  const ended = await create('acct_refused', {}, 'org_2');
  await act('acct_refused', 'close', ended.id);
  await job.run();
  await act('acct_refused', 'revert', ended.id);
  const state = () => fingerprintTables(database.adminUrl, 'usage_metering');
  const refusals: readonly (readonly [string, () => Promise<{ http: number }>, number])[] = [
    ['meets another one', () => create('acct_refused'), 400],
    ['meets another one, account-wide', () => create('acct_refused', {}, null), 400],
    ['ends before it begins', () => create('acct_x', { timeframe_end: DAY.timeframe_start }), 400],
    ['is too long', () => create('acct_x', { timeframe_end: '2026-12-15T00:00:00Z' }), 400],
    ['has no filter', () => create('acct_x', { deprecation_filter: 'pg_sleep(1) = 1' }), 400],
    ['closes what is over', () => act('acct_refused', 'close', ended.id), 400],
    ['closes a foreign one', () => act('acct_x', 'close', open.id), 404],
    ['reverts a foreign one', () => act('acct_x', 'revert', open.id), 404],
    ['fetches an unknown one', () => act('acct_refused', 'fetch', 'unknown'), 404],
  ];
  for (const [what, request, status] of refusals) {
    const before = await state();
    expect([what, (await request()).http]).toEqual([what, status]);
    expect([what, await state()]).toEqual([what, before]);
  }
});

test('every field of a backfill wrong in turn is refused, and no table changes', async () => {
  const state = () => fingerprintTables(database.adminUrl, 'usage_metering');
  let count = 0;
  const body = {
    ...{ ...DAY, close_time: '2026-12-01T00:00:00Z', replace_existing_events: true },
    ...{ customer_id: 'org_1', deprecation_filter: "event_name = 'call'" },
  };
  const wrong = await attackOwner(
    {
      ...{ id: 'create-backfill', bodies: [body] },
      // Accounts of their own: what is made by one request stands in the way of none.
      serve: (part) =>
        serve.create(call(`acct_wrong_${count++}`, { customer: customer('org_1'), ...part })),
    },
    state,
  );
  expect(wrong).toEqual([]);
  const list = {
    id: 'list-backfills',
    serve: (part: object) => serve.list(call('acct_wrong_0', part)),
  };
  expect(await attackOwner(list, state)).toEqual([]);
});
