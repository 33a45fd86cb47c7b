// Goal: input that no database takes, and paths that no router takes, are refused at the door, in our own
// words. Method: the whole HTTP app, injected, over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { gzipSync } from 'node:zlib';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const B = '/api/v1/billing';
const world = new FakeWorld();
const key = world.addOrganization('org_a');
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());

async function send(method: 'GET' | 'POST', url: string, payload?: string | Buffer) {
  const headers = { 'x-api-key': key, ...(payload ? { 'content-type': 'application/json' } : {}) };
  const response = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  const { error, meta } = response.json<{
    error: { code: string; param?: string; message: string };
    meta: { request_id: string };
  }>();
  expect(meta.request_id).toMatch(/^req_/);
  return [response.statusCode, error.code, error.param];
}

const charge = (extra: string): string =>
  `{"charge_id":"c1","amount":"1","currency":"USD","channel":"sms",${extra}}`;

test.each([
  ['a NUL', charge('"metadata":{"note":"a\\u0000b"}'), 'metadata.note'],
  ['half of a surrogate pair', charge('"metadata":{"note":"\\ud83d"}'), 'metadata.note'],
  ['a NUL in a name', charge('"metadata":{"a\\u0000b":1}'), 'metadata'],
  ['a NUL in a field that does not exist', charge('"x":["\\u0000"]'), 'x.0'],
])('%s in a body answers 400 and reaches nobody', async (_title, body, param) => {
  world.calls.length = 0;
  expect(await send('POST', `${B}/charges`, body)).toEqual([400, 'invalid_field', param]);
  expect(world.calls).toEqual([]);
});

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

test.each([
  [
    'constructor in a field',
    `{"reports":{"constructor":1}}`,
    'unknown_field',
    'reports.constructor',
  ],
  ['__proto__ in a list', `{"reports":[{"__proto__":1}]}`, 'unknown_field', 'reports.0.__proto__'],
  ['a name that every object has', `{"reports":[],"toString":1}`, 'unknown_field', 'toString'],
  ['a list in a list', `{"reports":[[{"charge_id":"c1"}]]}`, 'invalid_field', 'reports.0'],
  ['lists as deep as a stack', `{"reports":${nested(50_000)}}`, 'invalid_field', 'reports.0'],
  [
    'objects as deep as a stack',
    `{"reports":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
    'invalid_field',
    'reports.a.a.a.a.a.a.a',
  ],
])(
  '%s is refused by name, where class-transformer would fail',
  async (_title, body, code, param) => {
    world.calls.length = 0;
    expect(await send('POST', `${B}/delivery-reports`, body)).toEqual([400, code, param]);
    expect(world.calls).toEqual([]);
  },
);

test.each(['1999-12-31T23:59:59Z', '3000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00'])(
  'a delivery report of %s, which its topic would refuse later, is refused at once',
  async (occurredAt) => {
    const body = `{"reports":[{"charge_id":"c1","status":"failed","occurred_at":"${occurredAt}"}]}`;
    const refused = [400, 'invalid_field', 'reports.0.occurred_at'];
    expect(await send('POST', `${B}/delivery-reports`, body)).toEqual(refused);
  },
);

test('bytes that are no UTF-8 are not taken for replacement characters', async () => {
  const body = Buffer.concat([Buffer.from('{"charge_id":"'), Buffer.from([0xff, 0x22, 0x7d])]);
  expect(await send('POST', `${B}/charges`, body)).toEqual([400, 'malformed_json', undefined]);
});

test('a compressed body is told to come without its encoding', async () => {
  const headers = {
    'x-api-key': key,
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  };
  const payload = gzipSync(charge('"quantity":1'));
  const answer = await app.inject({ method: 'POST', url: `${B}/charges`, headers, payload });
  expect(answer.json()).toMatchObject({
    error: {
      code: 'unsupported_media_type',
      message: 'Send the body as it is, without Content-Encoding.',
    },
  });
});

test('an escaped emoji is a text like any other', async () => {
  const body = charge('"metadata":{"note":"\\ud83d\\ude00"}');
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  const response = await app.inject({
    method: 'POST',
    url: `${B}/charges`,
    headers,
    payload: body,
  });
  expect(response.statusCode).toBe(201);
});

test.each(['x', '$', 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B'])(
  'organizations after a cursor of no page, %s, are refused, and told to start without one',
  async (cursor) => {
    const url = `/api/v1/operator/organizations?cursor=${cursor}`;
    const headers = { 'x-api-key': OPERATOR_KEY };
    const answer = await app.inject({ method: 'GET', url, headers });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      error: {
        code: 'invalid_field',
        param: 'cursor',
        message:
          'cursor is not one that an earlier page of this list answered. Start without cursor.',
      },
    });
  },
);

test.each([
  [`${B}/charges/a%00b`, 404, 'not_found', undefined],
  [`${B}/refunds/%00?limit=1`, 404, 'not_found', undefined],
  [`${B}/refunds?cursor=%00`, 400, 'invalid_field', 'cursor'],
  [`${B}/charges/${'x'.repeat(2_000)}`, 404, 'unknown_route', undefined],
  [`${B}/charges/%`, 404, 'unknown_route', undefined],
])('GET %.60s answers %i %s', async (url, status, code, param) => {
  expect(await send('GET', url)).toEqual([status, code, param]);
});

test.each([
  ['limit=-1', 'limit is an integer from 1 to 200.'],
  ['limit=abc', 'limit is an integer from 1 to 200.'],
  ['limit=1e2', 'limit is an integer from 1 to 200.'],
  ['limit=1001', 'limit is an integer from 1 to 200.'],
])('?%s says what is wrong with it', async (query, message) => {
  const headers = { 'x-api-key': key };
  const response = await app.inject({ url: `${B}/transactions?${query}`, headers });
  expect(response.json()).toMatchObject({ error: { param: 'limit', message } });
});

test.each(['null', '"prod"', '5'])('an organization of mode %s is not made', async (mode) => {
  const headers = { 'x-api-key': OPERATOR_KEY, 'content-type': 'application/json' };
  const payload = `{"name":"Acme","mode":${mode}}`;
  const url = '/api/v1/operator/organizations';
  const response = await app.inject({ method: 'POST', url, headers, payload });
  expect(response.json()).toMatchObject({ error: { code: 'invalid_field', param: 'mode' } });
});
