// Goal: metrics of /v1 as the contract wants them: every answer fits the document, every account sees its own, a
// refused SQL leaves nothing behind. Method: the use cases over a real database, as the gateway calls them.
import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { onRealTime } from '@orbit/kernel';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { createPrisma, PrismaChanges, type PrismaClient } from '@orbit/persistence';
import {
  attackOwner,
  createTestDatabase,
  eventually,
  fingerprintTables,
  uniqueId,
  type TestDatabase,
} from '@orbit/testing';
import { parseWithPostgres } from './adapters/parse-with-postgres.js';
import { PrismaMetrics, SqlMetrics } from './adapters/prisma-metrics.js';
import { ServeMetrics } from './application/serve-metrics.js';

const clock = { nowMs: () => Date.parse('2026-05-16T12:00:00.000Z') };
const ITEM = {
  ...{ id: 'item_1', name: 'Calls', metadata: {}, external_connections: [] },
  ...{ created_at: '2026-05-01T00:00:00.000Z', archived_at: null },
};
const SQL = "SELECT SUM(bytes) FROM events WHERE region = PARAMETER('region', 'eu')";
let database: TestDatabase;
let prisma: PrismaClient;
let metrics: ServeMetrics;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_usage_metering'), { poolSizeMax: 4 });
  const changes = new PrismaChanges(prisma, clock, 'usage_metering', (sql) => new SqlMetrics(sql));
  const items = {
    read: (_: unknown, id: string) => Promise.resolve(id === ITEM.id ? ITEM : null),
  };
  metrics = new ServeMetrics(
    new PrismaMetrics(prisma),
    changes,
    items,
    parseWithPostgres,
    onRealTime(clock),
  );
  await eventually(() => prisma.$queryRaw`SELECT 1`);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

const callOf = (accountId: string, call: Partial<OrbCall> = {}): OrbCall => ({
  account: { id: accountId, mode: 'live', default_currency: 'USD', timezone: 'Europe/Berlin' },
  ...{ customer: null, path: {}, query: {}, body: {}, idempotency: null },
  ...call,
});
const bodyOf = (body: Record<string, unknown> = {}) => ({
  body: { name: 'Bytes', description: null, item_id: ITEM.id, sql: SQL, ...body },
});
interface Shown {
  readonly id: string;
  readonly status: string;
  readonly data: readonly Shown[];
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

it('makes, shows, changes, archives and unarchives a metric; a foreign one is not found', async () => {
  const account = uniqueId('acct');
  const made = read(
    'create-metric',
    await metrics.create(callOf(account, bodyOf({ metadata: { a: '1' } }))),
  );
  expect(made).toMatchObject({ status: 'active', sql: SQL, item: ITEM, metadata: { a: '1' } });
  expect(made['parameter_definitions']).toEqual([
    { name: 'region', type: 'string', default: 'eu' },
  ]);
  const path = { metric_id: made.id };
  expect(read('fetch-metric', await metrics.fetch(callOf(account, { path })))).toEqual(made);
  expect((await metrics.fetch(callOf(uniqueId('acct'), { path }))).status).toBe(404);
  const body = { name: 'B', description: 'd', metadata: { a: null, b: '2' } };
  const changed = read('update-metric', await metrics.update(callOf(account, { path, body })));
  expect(changed).toMatchObject({ name: 'B', description: 'd', metadata: { b: '2' }, sql: SQL });
  expect((await metrics.update(callOf(account, { path, body: { name: ' ' } }))).status).toBe(400);

  expect((await metrics.unarchive(callOf(account, { path }))).status).toBe(400);
  const archived = read('archive-metric', await metrics.archive(callOf(account, { path })));
  expect(archived.status).toBe('archived');
  expect((await metrics.archive(callOf(account, { path }))).status).toBe(400);
  const listed = async (status: string) =>
    read('list-metrics', await metrics.list(callOf(account, { query: { status } }))).data;
  expect([await listed('archived'), await listed('active'), await listed('draft')]).toEqual([
    [archived],
    [],
    [],
  ]);
  const active = read('unarchive-metric', await metrics.unarchive(callOf(account, { path })));
  expect(active).toEqual(changed);
});

it.each([
  [{ sql: 'SELECT COUNT(pg_sleep(9)) FROM events' }, 400, 'sql: the function pg_sleep'],
  [{ sql: 'SELECT COUNT(*) FROM events; DROP TABLE x' }, 400, 'sql: more than one statement'],
  [{ name: '' }, 400, 'name must not be empty'],
  [{ item_id: 'item_2' }, 404, 'item'],
])('refuses %o and stores nothing', async (body, status, named) => {
  const before = await fingerprintTables(database.adminUrl, 'usage_metering');
  const answer = await metrics.create(callOf(uniqueId('acct'), bodyOf(body)));
  expect(answer.status).toBe(status);
  expect(answer.body).toContain(named);
  expect(await fingerprintTables(database.adminUrl, 'usage_metering')).toEqual(before);
});

it('lists newest first, in pages, and a repeated key makes one metric', async () => {
  const account = uniqueId('acct');
  const idempotency = { key: 'k', request_hash: 'h' };
  const first = await metrics.create(callOf(account, { ...bodyOf(), idempotency }));
  const again = await metrics.create(callOf(account, { ...bodyOf(), idempotency }));
  expect(again).toMatchObject({ body: first.body, is_replay: true });
  const second = read('create-metric', await metrics.create(callOf(account, bodyOf())));
  const query = { limit: 1 };
  const page = read('list-metrics', await metrics.list(callOf(account, { query })));
  expect(page.data.map(({ id }) => id)).toEqual([second.id]);
  const { next_cursor } = page['pagination_metadata'] as { next_cursor: string };
  const rest = await metrics.list(callOf(account, { query: { limit: 1, cursor: next_cursor } }));
  expect(read('list-metrics', rest).data.map(({ id }) => id)).toEqual([
    (JSON.parse(first.body!) as Shown).id,
  ]);
});

test('every field of each operation wrong in turn is refused, and no table changes', async () => {
  const account = uniqueId('acct');
  const state = () => fingerprintTables(database.adminUrl, 'usage_metering');
  const made = read('create-metric', await metrics.create(callOf(account, bodyOf())));
  const path = { metric_id: made.id };
  const valid = { ...bodyOf().body, description: 'd', metadata: { a: '1' } };
  const { name, description, metadata } = valid;
  for (const operation of [
    {
      ...{ id: 'create-metric', bodies: [valid] },
      serve: (part: Partial<OrbCall>) => metrics.create(callOf(account, part)),
    },
    {
      ...{ id: 'update-metric', bodies: [{ name, description, metadata }] },
      serve: (part: Partial<OrbCall>) => metrics.update(callOf(account, { path, ...part })),
    },
    {
      id: 'list-metrics',
      serve: (part: Partial<OrbCall>) => metrics.list(callOf(account, part)),
    },
  ]) {
    expect(await attackOwner(operation, state)).toEqual([]);
  }
});
