// Goal: a stop is told like every other error. Method: the HTTP app on a real socket, which begins to close when it has
// read half of the head of a request.
import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeWorld } from '../../gateway.fake.js';

test('a request that arrives while the gateway stops is told 503 in the envelope, and to come again', async () => {
  const world = new FakeWorld();
  const app = await world.start();
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as unknown as Server;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const answer = readAll(client);
  const head = 'GET /api/v1/billing/balance HTTP/1.1\r\nhost: x\r\nx-request-id: late\r\n';
  client.write(head);
  const [connection] = await accepted;
  while (connection.bytesRead < head.length) await nextTurn();
  const closed = app.close();
  while (server.listening) await nextTurn();
  client.write('\r\n');
  const text = await answer;
  await closed;
  expect(text).toMatch(/^HTTP\/1\.1 503 /);
  expect(text.toLowerCase()).toContain('\r\nretry-after: 1\r\n');
  expect(text.toLowerCase()).toContain('\r\nconnection: close\r\n');
  expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({
    error: { type: 'unavailable_error', code: 'unavailable' },
    meta: { request_id: 'late' },
  });
});

test('a connection that is answered while the gateway stops does not hold the stop up when it falls idle', async () => {
  const world = new FakeWorld();
  const app = await world.start();
  // The head of its answer, which would say that the connection closes, is out before the stop begins.
  const server = app.getHttpServer() as unknown as Server;
  let finish = (): void => undefined;
  server.removeAllListeners('request');
  server.on('request', (_request, response: ServerResponse) => {
    response.writeHead(200, { 'content-length': '2' }).write('o');
    finish = () => response.end('k');
  });
  await app.listen(0, '127.0.0.1');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(client, 'data');
  const closed = app.close();
  while (server.listening) await nextTurn();
  finish();
  await closed;
  client.destroy();
});

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}
