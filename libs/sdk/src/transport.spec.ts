// Goal: whatever the line does, the key stays at its origin, what may be repeated is, and the error has a type.
import { afterEach, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import {
  ConnectionError,
  NotFoundError,
  Orbit,
  OrbitError,
  RedirectError,
  ServerError,
  UnexpectedAnswerError,
  type OrbitOptions,
} from './index.js';
import { http, RawServer, type Script } from './raw-server.fake.js';

const KEY = 'dv_live_sk_secret';
const GOOD = http(200, JSON.stringify({ data: { balance_cents: 7 }, meta: {} }));
const TOP_UP = {
  amount: 100,
  currency: 'usd',
  successUrl: 'http://a.test',
  cancelUrl: 'http://b.test',
};

const servers: RawServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(...scripts: Script[]): Promise<RawServer> {
  const server = await RawServer.start(...scripts);
  servers.push(server);
  return server;
}

const clientOf = (server: RawServer, options: OrbitOptions = {}): Orbit =>
  new Orbit({ apiKey: KEY, baseUrl: server.origin, ...options });

const redirect = (status: number, location: string): string =>
  http(status, '', { Location: location, 'Retry-After': '0' });

async function errorOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  throw new Error('the call succeeded');
}

test.each([301, 302, 303, 307, 308])(
  'a %i to another origin gets neither key nor body, of a GET or a POST, and says where it points',
  async (status) => {
    const elsewhere = await serve(GOOD);
    const target = `${elsewhere.origin.replace('//', '//user:word@')}/p?token=t#f`;
    for (const call of [
      (orbit: Orbit) => orbit.billing.getBalance(),
      (orbit: Orbit) => orbit.billing.createTopUp(TOP_UP),
      (orbit: Orbit) => orbit.billing.getInvoicePdf({ invoice_id: 'inv_1' }),
      (orbit: Orbit) => orbit.billing.detachPaymentMethod({ payment_method_id: 'pm_1' }),
      (orbit: Orbit) => orbit.pages((page) => orbit.billing.listInvoices(page)).next(),
    ]) {
      const server = await serve(redirect(status, target));
      const error = await errorOf(call(clientOf(server)));
      expect(error).toBeInstanceOf(RedirectError);
      expect(error).toMatchObject({ status, location: `${elsewhere.origin}/p` });
      expect(error.message).toContain(`${elsewhere.origin}/p`);
      expect(error.message).not.toMatch(/token|user|word|secret/);
      expect(server.received).toHaveLength(1);
    }
    expect(elsewhere.received).toEqual([]);
  },
);

test.each([
  ['another scheme on the same host', (origin: string) => origin.replace('http:', 'https:')],
  ['a protocol-relative address', () => '//evil.test/x'],
  [
    'another name of the same machine',
    (origin: string) => origin.replace('127.0.0.1', 'localhost'),
  ],
  ['an address that is none', () => 'http://[nothing'],
  ['data', () => 'data:application/json,{"data":{}}'],
])('a redirect to %s is refused', async (_, target) => {
  const server = await serve();
  server.answer(redirect(307, target(server.origin)));
  expect(await errorOf(clientOf(server).billing.getBalance())).toBeInstanceOf(RedirectError);
  expect(server.received).toHaveLength(1);
});

test.each([
  ['a GET', 301, 'GET'],
  ['a GET', 302, 'GET'],
  ['a GET', 303, 'GET'],
  ['a POST', 307, 'POST'],
  ['a POST', 308, 'POST'],
])(
  '%s follows a %i within its origin with method, key, ids and body',
  async (_, status, method) => {
    const server = await serve(redirect(status, '/moved?a=1'), GOOD);
    const { billing } = clientOf(server);
    await (method === 'GET' ? billing.getBalance() : billing.createTopUp(TOP_UP));
    const [first, second] = server.received;
    expect(second).toMatchObject({ method, path: '/moved?a=1', body: first?.body });
    expect(second?.headers['x-api-key']).toBe(KEY);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  },
);

test.each([301, 302, 303])('a POST does not become a GET by a %i', async (status) => {
  const server = await serve(redirect(status, '/moved'), GOOD);
  const error = await errorOf(clientOf(server).billing.createTopUp(TOP_UP));
  expect(error).toBeInstanceOf(RedirectError);
  expect(server.received).toHaveLength(1);
});

test('redirects in a circle end', async () => {
  const server = await serve(redirect(307, '/again'));
  expect(await errorOf(clientOf(server).billing.getBalance())).toBeInstanceOf(RedirectError);
  expect(server.received).toHaveLength(6);
});

const CUTS: [string, Script][] = [
  ['after its headers', http(200, '', {}, 50)],
  ['in its body', http(200, '{"data":{"bal', {}, 50)],
  ['in a chunk', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"data"`],
  ['between two chunks', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"data"\r\n`],
  ['in its headers', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['before its first byte', ''],
  [
    'in a packed body',
    Buffer.concat([
      Buffer.from(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n',
      ),
      gzipSync('{"data":{"balance_cents":7}}').subarray(0, 20),
    ]),
  ],
  [
    'in a body without a length',
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"data":{"bal',
  ],
  ['by a reset', (socket) => socket.resetAndDestroy()],
  ['in an error', http(402, '{"error"', {}, 50)],
];
test.each(CUTS)('an answer that is cut %s is asked for again with the same ids', async (_, cut) => {
  const server = await serve(cut, GOOD);
  const { data } = await clientOf(server).billing.createTopUp(TOP_UP);
  expect(data).toEqual({ balance_cents: 7 });
  const keys = server.received.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);

  const always = await serve(cut);
  const error = await errorOf(clientOf(always, { retriesMax: 1 }).billing.getBalance());
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.message).toContain(always.origin);
  expect(always.received).toHaveLength(2);
});

test('a PDF that is cut is asked for again', async () => {
  const type = { 'Content-Type': 'application/pdf' };
  const server = await serve(http(200, '%PDF-1', type, 90), http(200, '%PDF-1.7', type));
  const bytes = await clientOf(server).billing.getInvoicePdf({ invoice_id: 'inv_1' });
  expect(Buffer.from(bytes).toString()).toBe('%PDF-1.7');
});

const HTML = { 'Content-Type': 'text/html' };
test.each([
  ['a page', http(200, '<html>Sign in</html>', HTML)],
  ['a page that says it is JSON', http(200, '<html>Sign in</html>')],
  ['broken JSON', http(200, '{"data": {}')],
  ['JSON of somebody else', http(200, '{"status":"ok"}')],
  ['an error with a success status', http(200, '{"error":{"code":"internal"}}')],
  ['null', http(200, 'null')],
  ['an empty body', http(200, '')],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['not modified', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
])('%s in place of an answer is a typed error, and is not repeated', async (_, script) => {
  const server = await serve(script);
  const { billing } = clientOf(server);
  for (const call of [
    () => billing.getBalance(),
    () => billing.createTopUp(TOP_UP),
    () => billing.getInvoicePdf({ invoice_id: 'inv_1' }),
  ]) {
    const error = await errorOf(call());
    expect(error).toBeInstanceOf(UnexpectedAnswerError);
    expect(error).toBeInstanceOf(OrbitError);
  }
  expect(server.received).toHaveLength(3);
});

test('a page with an error status is that error, and repeated as its status says', async () => {
  const none = await serve(http(404, '<html>', HTML));
  const error = await errorOf(clientOf(none).billing.getBalance());
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error).toMatchObject({ code: 'unknown', status: 404 });
  const busy = await serve(http(502, '<html>', { ...HTML, 'Retry-After': '0' }));
  expect(await errorOf(clientOf(busy).billing.getBalance())).toBeInstanceOf(ServerError);
  expect(busy.received).toHaveLength(4);
});

test('the time-out holds for the whole answer, not for its first byte', async () => {
  const drip: Script = (socket) => {
    socket.write(http(200, '{', {}, 5_000));
    const timer = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(timer));
  };
  const server = await serve(drip, GOOD);
  const orbit = clientOf(server, { timeoutMs: 250 });
  expect((await orbit.billing.getBalance()).data.balance_cents).toBe(7);
  const slow = clientOf(await serve(drip), { timeoutMs: 100, retriesMax: 0 });
  const error = await errorOf(slow.billing.getBalance());
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.message).toContain('did not answer in time');
});

test('an aborted call ends with the reason of the caller, while it asks, reads or waits', async () => {
  const silent: Script = () => undefined;
  const half: Script = (socket) => socket.write(http(200, '{', {}, 50));
  const busy = http(503, '{}', { 'Retry-After': '30' });
  for (const script of [silent, half, busy]) {
    const aborting = new AbortController();
    const server = await serve((socket) => {
      if (typeof script === 'function') script(socket);
      else socket.end(script);
      setTimeout(() => aborting.abort(new Error('never mind')), 50);
    });
    const call = clientOf(server).billing.getBalance({ signal: aborting.signal });
    expect((await errorOf(call)).message).toBe('never mind');
    expect(server.received).toHaveLength(1);
  }
});

test('a key or an address that no request takes is refused at once, and is not quoted', async () => {
  for (const apiKey of ['dv_live_sk_\nsecret', 'dv_live_sk_ü', ' ']) {
    expect(() => new Orbit({ apiKey })).toThrow(/^(?!.*secret)apiKey/);
  }
  for (const baseUrl of ['hello', 'ftp://billing.test', 'http://u:secret@billing.test']) {
    expect(() => new Orbit({ apiKey: KEY, baseUrl })).toThrow(/^(?!.*secret)baseUrl/);
  }
  const server = await serve(GOOD);
  await clientOf(server, { apiKey: `  ${KEY}\n` }).billing.getBalance();
  expect(server.received[0]?.headers['x-api-key']).toBe(KEY);
  for (const charge_id of ['.', '..']) {
    const call = clientOf(server).billing.getCharge({ charge_id });
    expect((await errorOf(call)).message).toBe('charge_id is no id');
  }
  expect(server.received).toHaveLength(1);
});
