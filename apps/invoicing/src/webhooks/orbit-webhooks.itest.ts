// Goal: an organization hears of its own money once per fact, reads what became of each delivery, and has one sent
// again. Method: a real database and a receiver over HTTP; events as the topics bring them; time is the test's.
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, uniqueId, type TestDatabase } from '@orbit/testing';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpSender } from './adapters/http-sender.js';
import { PrismaDeliveries } from './adapters/prisma-deliveries.js';
import { SqlDeliveryLog } from './adapters/sql-delivery-log.js';
import { SqlOrbitFacts } from './adapters/sql-orbit-facts.js';
import { WebhooksController } from './adapters/webhooks.controller.js';
import { SqlOwnEndpoints } from './adapters/sql-own-endpoints.js';
import { ForwardEvents } from './application/forward-events.js';
import { ManageEndpoints } from './application/manage-endpoints.js';
import { ReadDeliveries } from './application/read-deliveries.js';
import { SendDeliveries } from './application/send-deliveries.js';
import type { PublishedEvent } from './domain/orbit-event.js';

interface Sent {
  readonly id: string;
  readonly type: string;
  readonly organization_id: string;
  readonly data: Record<string, unknown>;
}

let nowMs = Date.parse('2026-05-16T11:00:00Z');
const clock = { nowMs: () => nowMs };
let database: TestDatabase;
let prisma: PrismaClient;
let endpoints: ManageEndpoints;
let deliveries: ReadDeliveries;
let forward: ForwardEvents;
let receiver: Server;
let base = '';
let status = 200;
let got: { path: string; sequence: string; body: Sent }[] = [];
let organization = '';

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 4 });
  const nobody = (): void => undefined;
  endpoints = new ManageEndpoints(new SqlOwnEndpoints(prisma), clock, () => 'whsec_c2Vj');
  deliveries = new ReadDeliveries(new SqlDeliveryLog(prisma), clock, nobody);
  forward = new ForwardEvents(new SqlOrbitFacts(prisma, nobody), clock);
  receiver = createServer((request, reply) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Sent;
      const sequence = String(request.headers['x-orbit-sequence']);
      got.push({ path: request.url ?? '', sequence, body });
      reply.writeHead(status).end('thanks');
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
beforeEach(() => {
  got = [];
  status = 200;
  organization = uniqueId('org');
});

const make = (path: string, more: object = {}) =>
  endpoints.create({
    ...{ organization_id: organization, account_id: 'acct_test', account_mode: 'test' },
    ...{ url: base + path, ...more },
  });
const event = (
  type: PublishedEvent['type'],
  n: number,
  value: object = {},
  of = organization,
): PublishedEvent => ({
  ...{ sourceId: `${type}:${of}:${n}`, type, organizationId: of, atMs: nowMs, trace: null },
  value: { organization_id: of, currency: 'USD', n, ...value },
});
async function sendDue(): Promise<void> {
  for (let count = 1; count > 0;) {
    const nobody = (): void => undefined;
    const senders = new PrismaDeliveries(prisma);
    const sending = new SendDeliveries(senders, new HttpSender(clock), clock, () => 0, nobody);
    count = await sending.run();
    await sending.whenIdle();
  }
}
const list = (more: object = {}) =>
  deliveries.list({ organization_id: organization, limit: 30, ...more });

test('an event goes to the endpoints of its organization that want it, once, however often the topic brings it', async () => {
  await make('/all');
  await make('/some', { event_types: ['topup.completed'] });
  const stranger = organization;
  organization = uniqueId('org');
  await make('/other');
  const batch = [
    event('balance.low', 1, {}, stranger),
    event('topup.completed', 2, { topup_id: 'tu_2' }, stranger),
    event('balance.low', 3, {}, stranger),
  ];
  await forward.run(batch);
  await forward.run([...batch, ...batch]);
  await sendDue();
  const at = (path: string): unknown[] =>
    got.filter((one) => one.path === path).map(({ body }) => body.data['n']);
  expect(at('/all').toSorted()).toEqual([1, 2, 3]);
  expect(at('/some')).toEqual([2]);
  expect(at('/other')).toEqual([]);
  const low = got.filter(({ path, body }) => path === '/all' && body.type === 'balance.low');
  expect(low.map(({ sequence }) => sequence)).toEqual(['1', '2']);
  expect(low[0]?.body).toMatchObject({
    organization_id: stranger,
    created_at: '2026-05-16T11:00:00.000Z',
  });
});

test('nobody hears of what happened before an endpoint was made, or while it was disabled', async () => {
  const before = event('wallet.paused', 1);
  nowMs += 1_000;
  const { endpoint } = await make('/late');
  await forward.run([before]);
  const ref = { organization_id: organization, endpoint_id: endpoint.endpoint_id };
  await endpoints.change({ ...ref, account_mode: 'test', url: endpoint.url, enabled: false });
  await forward.run([event('wallet.paused', 2)]);
  await endpoints.change({ ...ref, account_mode: 'test', url: endpoint.url, enabled: true });
  await forward.run([event('wallet.resumed', 3)]);
  await sendDue();
  expect(got.map(({ body }) => body.data['n'])).toEqual([3]);
});

test('a delivery is listed with its last attempt, read with its body, and sent again under the same event id', async () => {
  const { endpoint } = await make('/log');
  status = 500;
  await forward.run([event('charge.rejected', 1, { charge_id: 'ch_1' })]);
  await sendDue();
  const [waiting] = (await list({ state: 'pending', event_type: 'charge.rejected' })).deliveries;
  expect(waiting).toMatchObject({
    ...{ endpoint_id: endpoint.endpoint_id, object_id: 'ch_1', sequence: 1, attempt_count: 1 },
    last_attempt: { number: 1, status: 500, response: 'thanks', error: null },
  });
  const id = waiting!.delivery_id;
  status = 200;
  // It waits: it is sent at once, and no second one is made.
  const ref = { organization_id: organization, delivery_id: id };
  expect(await deliveries.resend(ref)).toMatchObject({ delivery_id: id });
  await sendDue();
  expect(await deliveries.read(ref)).toMatchObject({ state: 'delivered', attempt_count: 2 });
  // It has ended: a new one of the same event; two that ask at once make one.
  const again = await Promise.all([deliveries.resend(ref), deliveries.resend(ref)]);
  expect(new Set(again.map((one) => one.delivery_id)).size).toBe(1);
  expect(again[0]!.delivery_id).not.toBe(id);
  await sendDue();
  expect(got).toHaveLength(3);
  expect(new Set(got.map(({ body }) => body.id))).toEqual(new Set([waiting!.event_id]));
  const detail = await deliveries.read(ref);
  expect(JSON.parse(detail.body)).toEqual(got[0]!.body);
  expect(detail.attempts.map((one) => one.status)).toEqual([500, 200]);
});

test('pages of deliveries go on where the one before ended, and a cursor of another list is refused', async () => {
  await make('/pages');
  const all = Array.from({ length: 5 }, (_, n) =>
    event('refund.failed', n, { refund_id: `r${n}` }),
  );
  await forward.run(all);
  const first = await list({ limit: 2 });
  expect(first).toMatchObject({ has_more: true });
  const rest = await list({ limit: 30, after_id: first.next_cursor });
  const objects = [...first.deliveries, ...rest.deliveries].map((one) => one.object_id);
  expect(objects).toEqual(['r4', 'r3', 'r2', 'r1', 'r0']);
  expect(rest).toMatchObject({ has_more: false, next_cursor: null });
  organization = uniqueId('org');
  await expect(list({ after_id: first.next_cursor })).rejects.toMatchObject({
    code: 'invalid_field',
  });
});

test('another organization neither sees nor changes an endpoint or a delivery', async () => {
  const { endpoint } = await make('/mine');
  await forward.run([event('topup.failed', 1, { topup_id: 'tu_1' })]);
  const [mine] = (await list()).deliveries;
  const owner = organization;
  organization = uniqueId('org');
  const ref = { organization_id: organization, endpoint_id: endpoint.endpoint_id };
  const refused = { code: 'not_found' };
  const change = { ...ref, account_mode: 'test', url: `${base}/x`, enabled: false } as const;
  await expect(endpoints.read(organization, endpoint.endpoint_id)).rejects.toMatchObject(refused);
  const listed = new WebhooksController(endpoints, deliveries);
  await expect(listed.listDeliveries({ ...ref, limit: 5 })).rejects.toMatchObject(refused);
  const own = { organization_id: owner, endpoint_id: endpoint.endpoint_id };
  const { deliveries: seen } = await listed.listDeliveries({ ...own, limit: 5 });
  expect(seen.map(({ delivery_id }) => delivery_id)).toEqual([mine!.delivery_id]);
  await expect(endpoints.change(change)).rejects.toMatchObject(refused);
  await expect(endpoints.delete(organization, endpoint.endpoint_id)).rejects.toMatchObject(refused);
  const delivery = { organization_id: organization, delivery_id: mine!.delivery_id };
  await expect(deliveries.read(delivery)).rejects.toMatchObject(refused);
  await expect(deliveries.resend(delivery)).rejects.toMatchObject(refused);
  const asAccount = { account_id: 'acct_test', delivery_id: mine!.delivery_id };
  await expect(deliveries.read(asAccount)).rejects.toMatchObject(refused);
  expect(await endpoints.list(organization)).toEqual([]);
  expect(await endpoints.read(owner, endpoint.endpoint_id)).toMatchObject({ enabled: true });
});

test('one reference makes one endpoint, also when two ask at once; another request under it is refused', async () => {
  const both = await Promise.all([
    make('/once', { reference: 'key-0001' }),
    make('/once', { reference: 'key-0001' }),
  ]);
  expect(new Set(both.map(({ endpoint }) => endpoint.endpoint_id)).size).toBe(1);
  expect(both.map(({ replayed }) => replayed).toSorted()).toEqual([false, true]);
  const conflict = { code: 'idempotency_key_conflict' };
  await expect(make('/twice', { reference: 'key-0001' })).rejects.toMatchObject(conflict);
  await endpoints.delete(organization, both[0].endpoint.endpoint_id);
  await expect(make('/once', { reference: 'key-0001' })).rejects.toMatchObject(conflict);
  expect(await endpoints.list(organization)).toEqual([]);
});

test('an organization has twenty endpoints at most, and a live one names no private host', async () => {
  for (let n = 0; n < 20; n++) await make(`/${n}`);
  await expect(make('/over')).rejects.toMatchObject({ code: 'conflict' });
  organization = uniqueId('org');
  const live = make('/live', { account_mode: 'live' });
  await expect(live).rejects.toMatchObject({ code: 'invalid_field', param: 'url' });
  expect(await endpoints.list(organization)).toEqual([]);
});

test('what ended more than thirty days ago is forgotten, and what waits is kept', async () => {
  await make('/old');
  await forward.run([event('balance.low', 1)]);
  await sendDue();
  status = 500;
  await forward.run([event('balance.low', 2)]);
  await sendDue();
  nowMs += 31 * 86_400_000;
  for (let count = 1; count > 0;) count = await deliveries.prune();
  const kept = await list();
  expect(kept.deliveries).toMatchObject([{ state: 'pending', sequence: 2 }]);
  const [{ events } = { events: 0n }] = await prisma.$queryRaw<{ events: bigint }[]>`
    SELECT count(*) AS events FROM invoicing.webhook_event WHERE organization_id = ${organization}`;
  expect(events).toBe(1n);
});
