// Goal: the operator key reaches the gateway alone, and whatever answers in its place is told in a sentence.
import { afterEach, expect, test } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callOperator } from './operator-call.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const call = (gatewayUrl: string): Promise<unknown> =>
  callOperator({
    gatewayUrl,
    key: 'operator-secret',
    method: 'POST',
    route: '/organizations',
    body: '{}',
    timeoutMs: 5_000,
  });

test.each([301, 302, 303, 307, 308])(
  'a %i is not followed, and says where it points',
  async (status) => {
    let asked = 0;
    const elsewhere = await serve((_, response) => {
      asked += 1;
      response.end('{"data":{}}');
    });
    const gateway = await serve((_, response) => {
      response.writeHead(status, { location: `${elsewhere}/p?token=t` }).end();
    });
    await expect(call(gateway)).rejects.toThrow(`to ${elsewhere}/p. The operator key was not sent`);
    expect(asked).toBe(0);
  },
);

test('a page, an empty body, a cut answer and a refusal are each told in a sentence', async () => {
  const page = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  });
  await expect(call(page)).rejects.toThrow(
    '200 OK with text/html, which is no answer of a gateway',
  );
  const empty = await serve((_, response) => response.writeHead(204).end());
  await expect(call(empty)).rejects.toThrow('which is no answer of a gateway');
  const cut = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 50 }).write('{"data"');
    setTimeout(() => response.destroy(), 20);
  });
  await expect(call(cut)).rejects.toThrow('was cut, so it may have been carried out');
  const refused = await serve((_, response) => {
    response.writeHead(400).end('{"error":{"message":"name is missing"}}');
  });
  await expect(call(refused)).rejects.toThrow('name is missing');
  const well = await serve((_, response) => response.end('{"data":{"id":"org_1"}}'));
  await expect(call(well)).resolves.toEqual({ id: 'org_1' });
});
