// Goal: what Node's parser refuses is answered in our envelope too. Method: the whole HTTP app on a port, and raw bytes.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect, type AddressInfo } from 'node:net';
import { FakeWorld } from '../../gateway.fake.js';

let app: NestFastifyApplication;
let port: number;

beforeAll(async () => {
  app = await new FakeWorld().start();
  await app.listen(0, '127.0.0.1');
  ({ port } = (app.getHttpServer() as { address(): AddressInfo }).address());
});
afterAll(() => app.close());

/** Everything that comes back until the server ends the connection. */
function send(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.on('error', reject);
  });
}

const HOST = 'Host: localhost\r\n';

test.each([
  ['a method of two words', `F O / HTTP/1.1\r\n${HOST}\r\n`, 400, 'malformed_request'],
  ['a header without a colon', `GET / HTTP/1.1\r\n${HOST}broken\r\n\r\n`, 400, 'malformed_request'],
  ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed_request'],
  [
    'two lengths',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    400,
    'malformed_request',
  ],
  ['what is no HTTP', '\u0016\u0003\u0001\u0002\r\n\r\n', 400, 'malformed_request'],
  [
    'headers past 16 KiB',
    `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
])('%s is answered in the envelope of all errors', async (_what, text, status, code) => {
  const [head = '', body = ''] = (await send(text)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head.toLowerCase()).toContain('content-type: application/json');
  const { error, meta } = JSON.parse(body) as {
    error: { type: string; code: string; message: string };
    meta: { request_id: string; timestamp: string };
  };
  expect(error).toMatchObject({ type: 'invalid_request_error', code });
  expect(head).toContain(`x-request-id: ${meta.request_id}`);
  expect(meta.timestamp).toMatch(/^\d{4}-/);
});

test('HTTP/1.0 needs no Host', async () => {
  expect(await send('GET /health/live HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
});
