// Goal: what POST /v1/ingest answers, and what it puts on usage.ingested: all events of a request or
// none, faults by event and field, one message a customer. Method: the whole HTTP app, injected,
// over a directory and a topic in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { UsageIngested } from '@orbit/events';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { FakeWorld } from '../../gateway.fake.js';

const world = new FakeWorld();
const { orb } = world;
const key = orb.add('acct_a', 'live');
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  orb.published.length = 0;
  orb.knownKeys.clear();
  orb.customers.clear();
  orb.isKafkaAway = false;
  addCustomer('org_1', 'acct_a', 'ext 1');
  addCustomer('org_2', 'acct_a', null);
  addCustomer('org_b', 'acct_b', 'ext b');
});
function addCustomer(id: string, accountId: string, externalCustomerId: string | null): void {
  const rest = { currency: 'USD', state: 'active', pending: null } as never;
  orb.customers.set(id, { ...(rest as object), id, accountId, externalCustomerId } as never);
}

interface Refusal {
  readonly type: string;
  readonly validation_errors: readonly unknown[];
  readonly validation_failed: readonly { idempotency_key: string; validation_errors: string[] }[];
}
async function ingest(payload: unknown, query = '') {
  const answer = await app.inject({
    method: 'POST',
    url: `/v1/ingest${query}`,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  const body = JSON.parse(answer.body) as Refusal;
  if (answer.statusCode === 200) {
    expect(responseFaults(findOperation('ingest')!, body)).toEqual([]);
  }
  return { status: answer.statusCode, body };
}
const event = (change: object = {}): object => ({
  customer_id: 'org_1',
  event_name: 'call',
  timestamp: '2026-05-16T11:59:00Z',
  properties: { region: 'eu', n: 1.5, ok: true },
  idempotency_key: 'k1',
  ...change,
});
const without = (field: string): object => {
  const { [field]: _left, ...rest } = event() as Record<string, unknown>;
  return rest;
};
const named = (external: string, change: object = {}): object => ({
  ...without('customer_id'),
  external_customer_id: external,
  ...change,
});

test('accepted events leave as one message a customer, whichever of its names they use', async () => {
  const events = [
    event(),
    named('ext 1', { idempotency_key: 'k2', timestamp: '2026-05-16 12:00:00.1239+00:00' }),
    event({ customer_id: 'org_2', idempotency_key: 'k3', properties: {} }),
    named('nobody yet', { idempotency_key: 'k4' }),
  ];
  expect(await ingest({ events })).toEqual({ status: 200, body: { validation_failed: [] } });
  const common = {
    account_id: 'acct_a',
    backfill_id: null,
    accepted_at: '2026-05-16T12:00:00.000Z',
  };
  const sent = (idempotency_key: string, change: object = {}): object => ({
    idempotency_key,
    event_name: 'call',
    timestamp: '2026-05-16T11:59:00.000Z',
    properties: { region: 'eu', n: 1.5, ok: true },
    ...change,
  });
  expect(orb.published).toEqual([
    {
      ...common,
      customer_id: 'org_1',
      external_customer_id: 'ext 1',
      events: [sent('k1'), sent('k2', { timestamp: '2026-05-16T12:00:00.123Z' })],
    },
    {
      ...common,
      customer_id: 'org_2',
      external_customer_id: null,
      events: [sent('k3', { properties: {} })],
    },
    { ...common, customer_id: null, external_customer_id: 'nobody yet', events: [sent('k4')] },
  ]);
});

test('500 events are taken and none as well, 501 are not; a large request is cut into messages below 256 kB', async () => {
  const many = (count: number, text = ''): object[] =>
    Array.from({ length: count }, (_, i) =>
      event({ idempotency_key: `k${i}`, properties: { text } }),
    );
  expect((await ingest({ events: [] })).status).toBe(200);
  expect(orb.published).toEqual([]);
  expect((await ingest({ events: many(500, 'x'.repeat(1_500)) })).status).toBe(200);
  expect(orb.published.flatMap(({ events }) => events)).toHaveLength(500);
  for (const message of orb.published) {
    expect(JSON.stringify(message).length).toBeLessThan(256 * 1024);
  }
  orb.published.length = 0;
  const refused = await ingest({ events: many(501) });
  expect(refused).toMatchObject({ status: 400, body: { validation_failed: [] } });
  expect(refused.body.validation_errors).toEqual(['events must not have more than 500 items']);
  expect((await ingest(JSON.stringify({ events: many(400, 'x'.repeat(3_000)) }))).status).toBe(413);
  expect(orb.published).toEqual([]);
});

test.each([
  ['no customer', without('customer_id'), /^events\[1\]\.customer_id is required/],
  ['both names', event({ external_customer_id: 'x' }), /must not both be there/],
  ['an unknown customer', event({ customer_id: 'org_x' }), /customer_id "org_x" is no customer/],
  ["another account's", event({ customer_id: 'org_b' }), /customer_id "org_b" is no customer/],
  ['an empty name', event({ customer_id: '' }), /\.customer_id must not be empty/],
  ['a long name', named('x'.repeat(256)), /\.external_customer_id must not have more than 255/],
  ['a number as name', named(7 as never), /\.external_customer_id must be string/],
  ['no event name', without('event_name'), /\.event_name is required/],
  ['an empty event name', event({ event_name: '' }), /\.event_name must not be empty/],
  ['null as event name', event({ event_name: null }), /\.event_name must be string/],
  ['no timestamp', without('timestamp'), /\.timestamp is required/],
  ['a number as timestamp', event({ timestamp: 1 }), /\.timestamp must be string/],
  ['a zone', event({ timestamp: '2026-05-16T13:59:00+02:00' }), /\.timestamp must be in UTC/],
  ['a day alone', event({ timestamp: '2026-05-16' }), /\.timestamp must be an instant/],
  ['no such day', event({ timestamp: '2026-02-30T00:00:00Z' }), /\.timestamp must be an instant/],
  ['late', event({ timestamp: '2026-05-15T23:59:59.999Z' }), /\.timestamp must not be older than/],
  [
    'ahead',
    event({ timestamp: '2026-05-16T12:05:00.001Z' }),
    /\.timestamp .*5 minutes in the future/,
  ],
  ['no properties', without('properties'), /\.properties is required/],
  ['a list as properties', event({ properties: [] }), /\.properties must be object/],
  ['nested properties', event({ properties: { a: { b: 1 } } }), /\.properties\.a must be string/],
  ['null as property', event({ properties: { a: null } }), /\.properties\.a must be string/],
  ['19 decimals', event({ properties: { a: 1e-19 } }), /\.properties\.a has more than/],
  ['39 digits', event({ properties: { a: 1e38 } }), /\.properties\.a has more than/],
  ['an unknown field', event({ metadata: {} }), /\.metadata is not a field of an event/],
  ['no key', without('idempotency_key'), /\.idempotency_key is required/],
  [
    'a long key',
    event({ idempotency_key: 'x'.repeat(513) }),
    /\.idempotency_key must not have more/,
  ],
  [
    'too large',
    event({ properties: { a: 'x'.repeat(65_536) } }),
    /\.properties must not have more/,
  ],
  ['no object', 7 as never, /^events\[1\] must be object/],
])('%s: 400 names the event and its field, and nothing is taken', async (_title, wrong, text) => {
  const events = [event({ idempotency_key: 'fine' }), wrong];
  const { status, body } = await ingest({ events });
  expect(status).toBe(400);
  expect(body.type).toMatch(/#400-request-validation-errors$/);
  const given = (wrong as { idempotency_key?: string }).idempotency_key ?? '';
  expect(body.validation_failed).toEqual([
    { idempotency_key: given, validation_errors: [expect.stringMatching(text)] },
  ]);
  expect(body.validation_errors).toEqual(body.validation_failed);
  expect(orb.published).toEqual([]);
});

test.each([
  ['no events', {}, 'events is required'],
  ['another field', { events: [], extra: 1 }, 'extra is not a field of this request'],
  ['a list', [], 'body must be object'],
  ['events of another type', { events: {} }, 'events must be array'],
  [
    'a number beyond doubles',
    '{"events":[{"properties":{"n":9007199254740993}}]}',
    /^events\.0\.properties\.n: /,
  ],
  ['a NUL', '{"events":[{"properties":{"n":"\\u0000"}}]}', /^events\.0\.properties\.n: /],
  ['half a pair', '{"events":[{"properties":{"n":"\\ud800"}}]}', /^events\.0\.properties\.n: /],
  ['no JSON', '{"events":[', /JSON/],
])('%s: the request as a whole is refused', async (_title, body, text) => {
  const refused = await ingest(body);
  expect(refused.status).toBe(400);
  expect(refused.body.validation_errors).toEqual([
    typeof text === 'string' ? text : expect.stringMatching(text),
  ]);
  expect(orb.published).toEqual([]);
});

test('a key twice with one content is one event, also by both names; with two contents it refuses the request', async () => {
  const same = [event(), named('ext 1', { properties: { ok: true, n: 1.5, region: 'eu' } })];
  expect((await ingest({ events: same })).status).toBe(200);
  expect(orb.published.flatMap(({ events }: UsageIngested) => events)).toHaveLength(1);
  orb.published.length = 0;
  const { status, body } = await ingest({ events: [event(), event({ properties: { n: 2 } })] });
  expect(status).toBe(400);
  expect(body.validation_failed).toEqual([
    {
      idempotency_key: 'k1',
      validation_errors: [expect.stringMatching(/^events\[1\]\.idempotency_key /)],
    },
  ]);
  expect(orb.published).toEqual([]);
});

test('debug says which keys were there already; without it nothing is asked', async () => {
  orb.knownKeys.add('old');
  const events = [event({ idempotency_key: 'old' }), event(), event()];
  const { body } = await ingest({ events }, '?debug=true');
  expect(body).toMatchObject({ debug: { ingested: ['k1'], duplicate: ['old', 'k1'] } });
  expect((await ingest({ events }, '?debug=false')).body).toEqual({ validation_failed: [] });
  expect((await ingest({ events }, '?debug=maybe')).status).toBe(400);
});

test('events of a backfill lie in its window and are of its customer; a closed one takes none', async () => {
  const window = { from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z' };
  orb.backfills.set('bkf_1', { ...window, customer_id: 'org_1', is_open: true });
  orb.backfills.set('bkf_2', { ...window, customer_id: null, is_open: false });
  const old = event({ timestamp: '2026-05-01T00:00:00Z' });
  expect((await ingest({ events: [old] }, '?backfill_id=bkf_1')).status).toBe(200);
  expect(orb.published).toMatchObject([{ customer_id: 'org_1', backfill_id: 'bkf_1' }]);
  orb.published.length = 0;
  const outside = [event({ timestamp: window.to })];
  const foreign = [event({ timestamp: window.from, customer_id: 'org_2' })];
  for (const [events, text] of [
    [outside, /\.timestamp must lie within/],
    [foreign, /\.customer_id must be the customer of the backfill/],
  ] as const) {
    const { status, body } = await ingest({ events }, '?backfill_id=bkf_1');
    expect(status).toBe(400);
    expect(body.validation_failed[0]?.validation_errors[0]).toMatch(text);
  }
  const closed = await ingest({ events: [old] }, '?backfill_id=bkf_2');
  expect(closed.body.type).toMatch(/#400-constraint-violation$/);
  expect((await ingest({ events: [old] }, '?backfill_id=bkf_3')).status).toBe(404);
  expect(orb.published).toEqual([]);
});

test('the key of a deprecated event is refused', async () => {
  orb.deprecatedKeys.add('gone');
  // The process looks again only after a second, or when something was deprecated through it.
  const url = '/v1/events/gone/deprecate';
  await app.inject({ method: 'PUT', url, headers: { authorization: `Bearer ${key}` } });
  const refused = await ingest({ events: [event({ idempotency_key: 'gone' }), event()] });
  expect(refused.status).toBe(400);
  expect(refused.body.validation_failed).toEqual([
    { idempotency_key: 'gone', validation_errors: [expect.stringMatching(/was deprecated$/)] },
  ]);
  expect(orb.published).toEqual([]);
  orb.deprecatedKeys.clear();
});

test('while Kafka is away nothing is accepted: the request may be repeated', async () => {
  orb.isKafkaAway = true;
  const { status, body } = await ingest({ events: [event()] });
  expect(status).toBe(500);
  expect(body.type).toMatch(/#500-internal-server-error$/);
});
