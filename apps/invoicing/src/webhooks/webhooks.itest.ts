// Goal: a fact reaches every endpoint that wants it, at least once and in the order of its object, whatever a receiver
// does. Method: a real database and a receiver over HTTP; time is the test's.
import type { OrbCall } from '@orbit/contracts';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { createPrisma, PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, eventually, uniqueId, type TestDatabase } from '@orbit/testing';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpSender } from './adapters/http-sender.js';
import { PrismaDeliveries } from './adapters/prisma-deliveries.js';
import { PrismaEndpoints, SqlEndpoints } from './adapters/prisma-endpoints.js';
import { SqlFacts } from './adapters/sql-facts.js';
import { SendDeliveries } from './application/send-deliveries.js';
import { ServeEndpoints } from './application/serve-endpoints.js';
import { signatureHeaders } from './domain/sign.js';

interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let nowMs = Date.parse('2026-05-16T11:00:00Z');
const clock = { nowMs: () => nowMs };
let database: TestDatabase;
let prisma: PrismaClient;
let serve: ServeEndpoints;
let receiver: Server;
let got: Got[] = [];
/** What the receiver answers next, by path. */
let statusOf: (path: string) => number = () => 200;
let base = '';
let account: OrbCall['account'];

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 4 });
  const changes = new PrismaChanges(prisma, clock, 'invoicing', (sql) => new SqlEndpoints(sql));
  const accountClock = { nowMs: () => Promise.resolve(nowMs) };
  serve = new ServeEndpoints(
    new PrismaEndpoints(prisma),
    changes,
    accountClock,
    () => 'whsec_c2Vj',
  );
  receiver = createServer((request, reply) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = request.url ?? '';
      got.push({ path, headers: request.headers, body: Buffer.concat(parts).toString() });
      reply.writeHead(statusOf(path)).end('thanks');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await prisma.$disconnect();
  await database.drop();
});
beforeEach(async () => {
  // What an earlier test left behind would be sent, too.
  await prisma.$executeRaw`UPDATE invoicing.webhook_delivery SET state = 'cancelled' WHERE state = 'pending'`;
  got = [];
  statusOf = () => 200;
  const id = uniqueId('acct');
  account = { id, mode: 'test', default_currency: 'USD', timezone: 'UTC' };
});

const call = (body: OrbCall['body'], id?: string): OrbCall => ({
  ...{ account, customer: null, query: {}, body, idempotency: null },
  path: id === undefined ? {} : { webhook_endpoint_id: id },
});
const sender = (): SendDeliveries =>
  new SendDeliveries(
    new PrismaDeliveries(prisma),
    new HttpSender(clock),
    clock,
    () => 0,
    () => undefined,
  );
async function sendDue(): Promise<number> {
  const sending = sender();
  const count = await sending.run();
  await sending.whenIdle();
  return count;
}
async function endpoint(path: string, body: OrbCall['body'] = {}): Promise<string> {
  const answer = await serve.create(call({ url: base + path, ...body }));
  expect(answer.status).toBe(201);
  const shown = JSON.parse(answer.body ?? '') as { id: string };
  expect(responseFaults(findOperation('create-webhook-endpoint')!, shown)).toEqual([]);
  return shown.id;
}
const record = (objectId: string, type = 'customer.created', n = 0): Promise<void> =>
  prisma.$transaction((sql) =>
    new SqlFacts(sql, clock).record({
      ...{ accountId: account.id, organizationId: null, type, objectId, atMs: nowMs },
      ...{ resources: { customer: { id: objectId } }, properties: { n } },
    }),
  );
const numbers = (path: string): number[] =>
  got
    .filter((one) => one.path === path)
    .map(({ body }) => (JSON.parse(body) as { properties: { n: number } }).properties.n);

test('a fact reaches each endpoint that wants it, signed, and no other', async () => {
  await endpoint('/all');
  await endpoint('/some', { enabled_event_types: ['customer.edited'], payload_style: 'standard' });
  const disabled = await endpoint('/off');
  await serve.disable(call({}, disabled));
  await record('org_a');
  await record('org_a', 'customer.edited', 1);
  // The second of an object waits for the first.
  expect(await sendDue()).toBe(2);
  expect(await sendDue()).toBe(1);
  expect(numbers('/all')).toEqual([0, 1]);
  expect(numbers('/some')).toEqual([1]);
  expect(numbers('/off')).toEqual([]);
  const [first] = got.filter(({ path }) => path === '/all');
  const { headers, body } = first!;
  const id = String(headers['webhook-id']);
  expect(headers).toMatchObject(signatureHeaders('whsec_c2Vj', id, body, nowMs));
  expect(headers).toMatchObject({ 'x-orbit-sequence': '1', 'content-type': 'application/json' });
  expect(JSON.parse(body)).toMatchObject({ id, payload_style: 'expanded' });
  expect(await sendDue()).toBe(0);
});

test('a refused delivery is repeated with the same id, and what follows of its object waits for it', async () => {
  await endpoint('/flaky');
  statusOf = () => 500;
  for (const n of [1, 2]) await record('org_b', 'customer.edited', n);
  await record('org_c', 'customer.edited', 3);
  expect(await sendDue()).toBe(2);
  statusOf = () => 200;
  expect(await sendDue()).toBe(0);
  nowMs += 5_000;
  expect(await sendDue()).toBe(2);
  expect(await sendDue()).toBe(1);
  expect(numbers('/flaky').toSorted((a, b) => a - b)).toEqual([1, 1, 2, 3, 3]);
  const ids = got
    .filter(({ body }) => body.includes('"n":1'))
    .map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(1);
  expect(numbers('/flaky').at(-1)).toBe(2);
});

test('a delivery that nobody takes for three days has failed, and the next of its object is tried once', async () => {
  const id = await endpoint('/dead');
  statusOf = () => 503;
  await record('org_d', 'customer.edited', 1);
  await record('org_d', 'customer.edited', 2);
  for (let attempts = 0; attempts < 40 && !numbers('/dead').includes(2); attempts++) {
    await sendDue();
    nowMs += 8 * 3_600_000;
  }
  expect(numbers('/dead')).toContain(2);
  const states = await prisma.$queryRaw<{ state: string }[]>`
    SELECT state FROM invoicing.webhook_delivery WHERE endpoint_id = ${id} ORDER BY position`;
  expect(states.map(({ state }) => state)).toEqual(['failed', 'failed']);
});

test('two senders at once send a delivery once, and one that died leaves it to the next', async () => {
  await endpoint('/pair');
  for (let n = 0; n < 20; n++) await record(`org_${n}`, 'customer.edited', n);
  const counts = await Promise.all([sendDue(), sendDue(), sendDue()]);
  for (let more = 1; more > 0;) {
    more = await sendDue();
    counts.push(more);
  }
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(20);
  expect(numbers('/pair').toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, n) => n),
  );

  await record('org_dead', 'customer.edited', 99);
  const limits = { max: 10, perEndpointMax: 8, underWay: new Map() };
  const claimed = await new PrismaDeliveries(prisma).claim(limits, nowMs, nowMs + 30_000);
  expect(claimed).toHaveLength(1);
  expect(await sendDue()).toBe(0);
  nowMs += 30_001;
  expect(await sendDue()).toBe(1);
  expect(numbers('/pair').at(-1)).toBe(99);
});

test('a slow receiver keeps no other waiting, and is given up after five seconds', async () => {
  const stuck = createServer(() => undefined);
  await new Promise<void>((resolve) => stuck.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(stuck.address() as AddressInfo).port}/stuck`;
  await serve.create(call({ url }));
  await endpoint('/quick');
  for (let n = 0; n < 12; n++) await record(`org_s${n}`, 'customer.edited', n);
  const sending = sender();
  await sending.run();
  await eventually(() => expect(numbers('/quick').length).toBeGreaterThanOrEqual(8));
  await sending.run();
  await eventually(() => expect(numbers('/quick')).toHaveLength(12));
  await sending.whenIdle();
  stuck.closeAllConnections();
  stuck.close();
  const [attempt] = await prisma.$queryRaw<{ error: string; status: number | null }[]>`
    SELECT a.error, a.status FROM invoicing.webhook_attempt a
    JOIN invoicing.webhook_delivery d ON d.id = a.delivery_id
    JOIN invoicing.webhook_endpoint e ON e.id = d.endpoint_id WHERE e.url = ${url} LIMIT 1`;
  expect(attempt).toEqual({ error: 'No answer within 5 seconds.', status: null });
});

test('a live account sends to no host of a private network, whatever its name says', async () => {
  await endpoint('/inside');
  await prisma.$executeRaw`
    UPDATE invoicing.webhook_endpoint SET may_be_private = false, url = ${base.replace('127.0.0.1', 'localhost')}
    WHERE account_id = ${account.id}`;
  await record('org_p');
  expect(await sendDue()).toBe(1);
  expect(got).toEqual([]);
  const [{ error } = {}] = await prisma.$queryRaw<{ error?: string }[]>`
    SELECT a.error FROM invoicing.webhook_attempt a JOIN invoicing.webhook_delivery d ON d.id = a.delivery_id
    WHERE d.object_id = 'org_p' ORDER BY a.attempted_at DESC LIMIT 1`;
  expect(error).toMatch(/private network/);
});

test('an endpoint that is deleted gets nothing more, and what is wrong with one is named', async () => {
  const id = await endpoint('/gone');
  await record('org_g');
  expect(await serve.delete(call({}, id))).toMatchObject({ status: 204 });
  expect(await sendDue()).toBe(0);
  expect(await serve.fetch(call({}, id))).toMatchObject({ status: 404 });
  for (const [body, named] of [
    [{ url: 'url' }, 'url'],
    [{ url: base, enabled_event_types: ['string'] }, 'enabled_event_types'],
  ] as const) {
    const answer = await serve.create(call(body));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(named);
  }
  for (let n = 0; n < 20; n++) await endpoint(`/n${n}`);
  const over = await serve.create(call({ url: base }));
  expect(over).toMatchObject({ status: 400, body: expect.stringContaining('20') });
  const listed = JSON.parse((await serve.list(call({}))).body ?? '') as { data: object[] };
  expect(listed.data).toHaveLength(20);
  expect(responseFaults(findOperation('list-webhook-endpoints')!, listed)).toEqual([]);
  expect(JSON.stringify(listed)).not.toContain('whsec_');
});
