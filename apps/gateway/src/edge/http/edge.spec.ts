// Goal: what stands between the network and the routes answers as documented: paths that leave their folder,
// methods that nobody knows, scripts of web pages, requests that never end, currencies that only look like
// one. Method: the HTTP app, injected or on a port.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { request, type IncomingMessage } from 'node:http';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const B = '/api/v1/billing';
const PAGE = 'https://portal.example.com';
const world = new FakeWorld();
const key = world.addOrganization('org_a');
const other = new FakeWorld();
const otherKey = other.addOrganization('org_a');
let app: NestFastifyApplication;
let withPages: NestFastifyApplication;
let port: number;

beforeAll(async () => {
  app = await world.start({ requestTimeoutMs: 200 });
  withPages = await other.start({ portalOrigins: [PAGE] });
  await app.listen(0, '127.0.0.1');
  ({ port } = (app.getHttpServer() as { address(): AddressInfo }).address());
});
afterAll(async () => {
  await app.close();
  await withPages.close();
});

async function raw(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  await once(socket, 'close');
  return answer;
}

test.each(['Host: b.test', 'HOST: a.test', 'host:'])(
  'two Host headers are refused, the second being "%s"',
  async (second) => {
    const answer = await raw(
      `GET /health/live HTTP/1.1\r\nHost: a.test\r\n${second}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"malformed_request"');
  },
);

test.each([
  ...[
    '/api/docs/../../x',
    '/api/docs/%2e%2e/x',
    '/api/docs/..%5cx',
    '/api/docs/..%2f..%2fetc/passwd',
  ],
  ...[
    '//etc/passwd',
    '/%2e%2e',
    '/..%2f',
    '/api/docs//',
    '/api/docs/a//b',
    '/api/docs/%5c%5cx',
    '/api/docs/%00',
  ],
  ...['/\\..\\x', '/api/docs/%ff', '/%', '/../api/v1/billing/balance'],
])('%s is no path of ours: 404', async (path) => {
  const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('"code":"unknown_route"');
});

test('in a parameter the same characters are a text like any other', async () => {
  for (const id of ['..%2Fx', 'a%5Cb', '%2F%2F', '...', '%252e']) {
    const answer = await app.inject({ url: `${B}/charges/${id}`, headers: { 'x-api-key': key } });
    expect(answer.json()).toMatchObject({ error: { code: 'not_found' } });
  }
});

test.each(['FOO', 'BREW', 'get'])(
  '%s, a method that nobody knows, gets 405 and the ones there are',
  async (method) => {
    for (const path of [`${B}/balance`, '/v1/billing/balance?x=1']) {
      const answer = await raw(`${method} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 405 /);
      expect(answer).toContain('\r\nallow: GET, HEAD\r\n');
      expect(answer).toContain('"code":"method_not_allowed"');
    }
  },
);

test('where there is no route, a method that nobody knows gets 404 as any other does', async () => {
  const answer = await raw('BREW /coffee HTTP/1.1\r\nhost: x\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('"code":"unknown_route"');
});

test.each(['PROPFIND', 'TRACE', 'OPTIONS', 'LINK'])('%s gets 405 as well', async (method) => {
  const asked = request({ port, method, path: `${B}/balance` }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  expect(answer.statusCode).toBe(405);
});

test('a request whose body does not end is answered 408 in time', async () => {
  const head = `POST ${B}/charges HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\n`;
  const answer = await raw(`${head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{`);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
});

test('an idle connection stays open longer than any load balancer keeps its own', () => {
  const server = app.getHttpServer() as unknown as { keepAliveTimeout: number };
  expect(server.keepAliveTimeout).toBeGreaterThan(620_000);
});

const preflight = (to: NestFastifyApplication, origin: string, extra: object = {}) =>
  to.inject({
    method: 'OPTIONS',
    url: `${B}/charges`,
    headers: { origin, 'access-control-request-method': 'POST', ...extra },
  });

test("a browser's preflight is told that a page is no place for a key", async () => {
  for (const answer of [
    await preflight(app, PAGE),
    await preflight(withPages, 'https://evil.example'),
  ]) {
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({
      error: { code: 'origin_not_allowed', message: expect.stringContaining('server') as string },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('a page of the list may ask with a token, never with an API key', async () => {
  const allowed = await preflight(withPages, PAGE);
  expect(allowed.statusCode).toBe(204);
  expect(allowed.headers).toMatchObject({ 'access-control-allow-origin': PAGE, vary: 'origin' });
  expect(allowed.headers['access-control-allow-headers']).not.toContain('x-api-key');
  for (const headers of [{ 'x-api-key': otherKey }, { authorization: `Bearer ${otherKey}` }]) {
    const answer = await withPages.inject({
      url: `${B}/balance`,
      headers: { origin: PAGE, ...headers },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  }
  const token = { origin: PAGE, authorization: 'Bearer portal_x' };
  const answer = await withPages.inject({ url: `${B}/balance`, headers: token });
  expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
});

test.each(['u\u017fd', '\u0131nr', 'ＵＳＤ'])('the currency %j is none', async (currency) => {
  const headers = { 'x-api-key': key };
  const charge = { charge_id: 'c1', amount: '1', currency, channel: 'sms' };
  const operator = { 'x-api-key': OPERATOR_KEY };
  const answers = [
    await app.inject({ method: 'POST', url: `${B}/charges`, headers, payload: charge }),
    await app.inject({ method: 'POST', url: `${B}/authorizations`, headers, payload: charge }),
    await app.inject({
      ...{ method: 'POST', url: '/api/v1/operator/organizations', headers: operator },
      payload: { name: 'x', currency },
    }),
  ];
  for (const answer of answers) {
    expect(answer.json()).toMatchObject({
      error: { code: 'unsupported_currency', param: 'currency' },
    });
  }
});

test('a name with characters that turn text or are not seen is refused by its field', async () => {
  for (const name of ['Acme\u202e', '\u200b', 'A\u2066B']) {
    const headers = { 'x-api-key': OPERATOR_KEY };
    const url = '/api/v1/operator/organizations';
    const answer = await app.inject({ method: 'POST', url, headers, payload: { name } });
    expect(answer.json()).toMatchObject({ error: { code: 'invalid_field', param: 'name' } });
  }
});

test('GET plan without a plan, a charge id that is none, and the health of the ledger answer as documented', async () => {
  const { paths } = (await app.inject({ url: '/api/openapi.json' })).json<{
    paths: Record<string, { get: { responses: Record<string, unknown> } }>;
  }>();
  const statusesOf = (path: string) => Object.keys(paths[path]?.get.responses ?? {});
  expect(statusesOf(`${B}/charges/{charge_id}`)).toContain('400');
  expect(statusesOf(`${B}/charges/{charge_id}/explain`)).toContain('400');
  expect(statusesOf('/health/ledger')).toEqual(expect.arrayContaining(['200', '503', '504']));
  expect(paths[`${B}/plan`]?.get.responses['200']).toMatchObject({
    content: {
      'application/json': { schema: { properties: { data: { nullable: true } } } },
    },
  });
});
