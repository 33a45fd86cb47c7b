// Goal: a test key moves nothing of a live organization, by no route that there is or will be. Method: the table of
// routes as Fastify registered it, each asked with a test key; the ports in memory note whom a request reached.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld } from '../../gateway.fake.js';
import { BILLING_PATH } from './authentication.js';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const world = new FakeWorld();
world.addOrganization('org_a');
const testKey = world.addKey('org_a', 'test');
let app: NestFastifyApplication;
let changing: [Method, string][];
let reading: [Method, string][];

beforeAll(async () => {
  app = await world.start();
  const { paths } = (await app.inject({ url: '/api/openapi.json' })).json<{
    paths: Record<string, object>;
  }>();
  const routes = Object.entries(paths)
    .filter(([path]) => path.startsWith(BILLING_PATH))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((name): [Method, string] => [
        name.toUpperCase() as Method,
        path.replaceAll(/\{[^}]+\}/g, 'x1'),
      ]),
    );
  changing = routes.filter(([method]) => method !== 'GET');
  reading = routes.filter(([method]) => method === 'GET');
});
afterAll(() => app.close());

const ask = async (method: Method, url: string, headers: Record<string, string>) => {
  const answer = await app.inject({ method, url, headers });
  const { error } = answer.json<{ error?: { code: string; type: string } }>();
  return { status: answer.statusCode, code: error?.code };
};

test('every route that is no GET answers 403 test_key, before its body is read, and reaches nobody', async () => {
  expect(changing.length).toBeGreaterThanOrEqual(20);
  for (const [method, url] of changing) {
    world.calls.length = 0;
    const answer = await ask(method, url, { 'x-api-key': testKey });
    expect({ method, url, ...answer }).toEqual({ method, url, status: 403, code: 'test_key' });
    const old = url.replace('/api/v1/billing', '/v1/billing');
    const bearer = { authorization: `Bearer ${testKey}` };
    expect(await ask(method, old, bearer)).toEqual({ status: 403, code: 'test_key' });
    expect(world.calls).toEqual([]);
  }
});

test('what the document does not show is refused as well: every path with every method', async () => {
  const refusals = ['test_key', 'method_not_allowed', 'unknown_route'];
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    for (const [, url] of [...changing, ...reading]) {
      const { code } = await ask(method, url, { 'x-api-key': testKey });
      expect({ method, url, isRefused: refusals.includes(code ?? '') }).toMatchObject({
        isRefused: true,
      });
    }
  }
});

test('what only reads is answered: a test key may look', async () => {
  for (const [method, url] of reading) {
    expect((await ask(method, url, { 'x-api-key': testKey })).code).not.toBe('test_key');
  }
  const headers = { 'x-api-key': testKey };
  const status = await app.inject({ url: `${BILLING_PATH}/status`, headers });
  expect(status.json()).toMatchObject({ data: { organization_id: 'org_a', mode: 'test' } });
});
