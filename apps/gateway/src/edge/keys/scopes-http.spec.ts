// Scopes and roles of keys. Method: every route of the OpenAPI document is asked with keys that lack its scope; then
// the life of operator keys and keys of organizations, over HTTP.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { clock, FakeWorld, NOW_MS, OPERATOR_KEY } from '../../gateway.fake.js';
import { apiKeyPrefix } from '../../organizations/api-key.js';
import { KEY_SCOPES, OPERATOR_ROLES, rolesOf, scopeOf } from './scopes.js';

const OPERATOR = '/api/v1/operator';
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
let world: FakeWorld;
let app: NestFastifyApplication;
beforeEach(async () => {
  world = new FakeWorld();
  app = await world.start();
});
afterEach(() => app.close());

async function ask(method: Method, url: string, key: string, payload?: object) {
  const answer = await app.inject({
    method,
    url,
    headers: { 'x-api-key': key },
    ...(payload && { payload }),
  });
  const { data, error } = answer.json<{
    data?: Record<string, string>;
    error?: { code: string; details?: { scope: string } };
  }>();
  return { status: answer.statusCode, data, code: error?.code, scope: error?.details?.scope };
}

async function routesBelow(
  base: string,
): Promise<{ method: Method; template: string; url: string }[]> {
  const { paths } = (await app.inject({ url: '/api/openapi.json' })).json<{
    paths: Record<string, object>;
  }>();
  return Object.entries(paths)
    .filter(([path]) => path.startsWith(base))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((name) => ({
        method: name.toUpperCase() as Method,
        template: path.replaceAll(/\{([^}]+)\}/g, ':$1'),
        url: path.replaceAll(/\{[^}]+\}/g, 'x1'),
      })),
    );
}

test('each route of organizations has a scope; a key with the two others gets 403 that names it, and reaches nobody', async () => {
  world.addOrganization('org_a');
  const routes = await routesBelow('/api/v1/billing');
  expect(routes.length).toBeGreaterThan(50);
  for (const { method, template, url } of routes) {
    const scope = scopeOf(method, template);
    const key = world.addKey('org_a', 'live', world.hasher.create(apiKeyPrefix('live')));
    const stored = world.keys.get('ak_org_a')!;
    const others = KEY_SCOPES.filter((one) => one !== scope);
    world.keys.set('ak_org_a', { ...stored, scopes: others });
    world.calls.length = 0;
    const answer = await ask(method, url, key);
    const refused = { status: 403, code: 'missing_scope', scope };
    expect({ method, template, ...answer }).toMatchObject({ method, template, ...refused });
    expect(world.calls).toEqual([]);
  }
});

test('each route of operators names its roles; every other role gets 403 that names them, and reaches nobody', async () => {
  const keys = new Map<string, string>();
  for (const role of OPERATOR_ROLES) {
    const made = await ask('POST', `${OPERATOR}/keys`, OPERATOR_KEY, { name: role, role });
    keys.set(role, made.data!['key']!);
  }
  const routes = await routesBelow(OPERATOR);
  expect(routes.length).toBeGreaterThan(30);
  for (const { method, template, url } of routes) {
    const roles = rolesOf(method, template);
    expect({ method, template, roles }).toEqual({
      method,
      template,
      roles: expect.arrayContaining(['owner']),
    });
    for (const role of OPERATOR_ROLES.filter((one) => !roles!.includes(one))) {
      world.calls.length = 0;
      const answer = await ask(method, url, keys.get(role)!);
      const refused = { status: 403, code: 'missing_scope', scope: roles!.join(' or ') };
      expect({ method, template, role, ...answer }).toMatchObject({
        method,
        template,
        role,
        ...refused,
      });
      expect(world.calls).toEqual([]);
    }
    const answer = await ask(method, url, keys.get('owner')!);
    expect({ method, template, code: answer.code }).not.toMatchObject({ code: 'missing_scope' });
  }
});

// covers: GET /api/v1/operator/keys
// covers: POST /api/v1/operator/keys
// covers: DELETE /api/v1/operator/keys/{key_id}
test('a named key works until it is revoked; it is listed by name, role, last four and who made it', async () => {
  const made = await ask('POST', `${OPERATOR}/keys`, OPERATOR_KEY, { name: 'Ada', role: 'viewer' });
  expect(made).toMatchObject({ status: 201, data: { name: 'Ada', created_by: 'environment' } });
  const { id, key } = made.data as { id: string; key: string };
  expect(key).toMatch(/^orbit_op_[0-9A-Za-z]{46}$/);
  expect((await ask('GET', `${OPERATOR}/organizations`, key)).status).toBe(200);
  const listed = await app.inject({ url: `${OPERATOR}/keys`, headers: { 'x-api-key': key } });
  expect(listed.body).not.toContain(key);
  expect(listed.json()).toMatchObject({
    data: [
      {
        id,
        role: 'viewer',
        last_four: key.slice(-4),
        last_used_at: new Date(NOW_MS).toISOString(),
      },
    ],
  });
  expect((await ask('DELETE', `${OPERATOR}/keys/${id}`, OPERATOR_KEY)).status).toBe(200);
  expect((await ask('GET', `${OPERATOR}/organizations`, key)).code).toBe('invalid_api_key');
  expect((await ask('DELETE', `${OPERATOR}/keys/none`, OPERATOR_KEY)).status).toBe(404);
});

test('the key of the environment only manages keys while a named owner is there, and rescues when none is', async () => {
  const owner = await ask('POST', `${OPERATOR}/keys`, OPERATOR_KEY, { name: 'Ada', role: 'owner' });
  const { id, key } = owner.data as { id: string; key: string };
  expect((await ask('GET', `${OPERATOR}/organizations`, OPERATOR_KEY)).code).toBe('missing_scope');
  expect((await ask('GET', `${OPERATOR}/keys`, OPERATOR_KEY)).status).toBe(200);
  expect((await ask('DELETE', `${OPERATOR}/keys/${id}`, key)).status).toBe(200);
  expect((await ask('GET', `${OPERATOR}/organizations`, OPERATOR_KEY)).status).toBe(200);
});

// covers: POST /api/v1/operator/keys/{key_id}/rotate
test('after a rotation both keys work, and a second one of the same key is a conflict', async () => {
  const made = await ask('POST', `${OPERATOR}/keys`, OPERATOR_KEY, { name: 'Ada', role: 'viewer' });
  const rotate = `${OPERATOR}/keys/${made.data!['id']}/rotate`;
  const next = await ask('POST', rotate, OPERATOR_KEY, { overlap_seconds: 60 });
  expect(next).toMatchObject({ status: 201, data: { name: 'Ada', role: 'viewer' } });
  for (const { data } of [made, next]) {
    expect((await ask('GET', `${OPERATOR}/organizations`, data!['key']!)).status).toBe(200);
  }
  expect((await ask('POST', rotate, OPERATOR_KEY)).code).toBe('conflict');
  for (const overlap_seconds of [-1, 59, 1.5, 2_592_001, '60', null]) {
    const fault = await ask('POST', rotate, OPERATOR_KEY, { overlap_seconds });
    expect({ overlap_seconds, ...fault }).toMatchObject({ status: 400, code: 'invalid_field' });
  }
});

// covers: GET /api/v1/operator/organizations/{organization_id}/api-keys
// covers: POST /api/v1/operator/api-keys/{api_key_id}/rotate
// covers: POST /api/v1/operator/api-keys/revoke
test('a key of an organization has a name, scopes and an expiry; it is listed, rotated, and revoked by itself', async () => {
  world.addOrganization('org_a');
  const keys = `${OPERATOR}/organizations/org_a/api-keys`;
  const expires_at = new Date(NOW_MS + 60_000).toISOString();
  const body = { mode: 'live', name: 'reader', scopes: ['read'], expires_at };
  const made = await ask('POST', keys, OPERATOR_KEY, body);
  const { id, key } = made.data as { id: string; key: string };
  expect((await ask('GET', '/api/v1/billing/status', key)).status).toBe(200);
  expect(await ask('POST', '/api/v1/billing/charges', key, {})).toMatchObject({
    status: 403,
    scope: 'spend',
  });
  const listed = await app.inject({ url: keys, headers: { 'x-api-key': OPERATOR_KEY } });
  expect(listed.body).not.toContain(key);
  const shown = { id, name: 'reader', scopes: ['read'], expires_at, created_by: 'environment' };
  expect(listed.json<{ data: object[] }>().data).toContainEqual(expect.objectContaining(shown));
  const next = await ask('POST', `${OPERATOR}/api-keys/${id}/rotate`, OPERATOR_KEY);
  expect(next.status).toBe(201);
  const revoke = `${OPERATOR}/api-keys/revoke`;
  expect(await ask('POST', revoke, OPERATOR_KEY, { key })).toMatchObject({
    status: 200,
    data: { id },
  });
  expect((await ask('GET', '/api/v1/billing/status', key)).code).toBe('invalid_api_key');
  expect((await ask('GET', '/api/v1/billing/status', next.data!['key']!)).status).toBe(200);
  expect((await ask('POST', revoke, OPERATOR_KEY, { key: 'dv_live_sk_none' })).status).toBe(404);
});

test.each([
  [{ mode: 'live', scopes: [] }, 'scopes'],
  [{ mode: 'live', scopes: ['all'] }, 'scopes'],
  [{ mode: 'live', scopes: ['read', 'read'] }, 'scopes'],
  [{ mode: 'live', scopes: 'read' }, 'scopes'],
  [{ mode: 'live', expires_at: new Date(NOW_MS).toISOString() }, 'expires_at'],
  [{ mode: 'live', expires_at: 'tomorrow' }, 'expires_at'],
  [{ mode: 'live', name: '' }, 'name'],
])('a key of an organization under %j is refused, and none is made', async (body, param) => {
  world.addOrganization('org_a');
  const url = `${OPERATOR}/organizations/org_a/api-keys`;
  const headers = { 'x-api-key': OPERATOR_KEY };
  const answer = await app.inject({ method: 'POST', url, headers, payload: body });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ error: { param } });
  expect(world.keys.size).toBe(1);
});

test('a key ends at the instant of its expiry', async () => {
  const key = world.addOrganization('org_a');
  const stored = world.keys.get('ak_org_a')!;
  world.keys.set('ak_org_a', { ...stored, expiresAt: new Date(clock.nowMs() + 1) });
  expect((await ask('GET', '/api/v1/billing/status', key)).status).toBe(200);
  world.keys.set('ak_org_a', { ...stored, expiresAt: new Date(clock.nowMs()) });
  expect((await ask('GET', '/api/v1/billing/status', key)).code).toBe('invalid_api_key');
});
