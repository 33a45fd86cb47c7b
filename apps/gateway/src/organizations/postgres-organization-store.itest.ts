import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import type { ApiKey, Organization } from '../edge/ports.js';
import type { ProfileRequest } from './customers/customer-ports.js';
import { HmacKeyHasher } from './hmac-key-hasher.js';
import { PostgresOrganizationStore } from './postgres-organization-store.js';

const hasher = new HmacKeyHasher('secret-of-the-tests-0123456789');
let database: TestDatabase;
let prisma: PrismaClient;
let store: PostgresOrganizationStore;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_gateway'), { poolSizeMax: 2 });
  store = new PostgresOrganizationStore(prisma);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

const profile: ProfileRequest = {
  account: { id: 'acct_live', mode: 'live', default_currency: 'USD', timezone: 'UTC' },
  body: { name: 'A', email: '' },
  idempotency: null,
};
let nextNumber = 0;
function newOrganization(): { organization: Organization; key: ApiKey; plain: string } {
  const number = String(nextNumber++).padStart(4, '0');
  const createdAt = new Date(Date.parse('2026-05-16T12:00:00.000Z') + nextNumber);
  const plain = hasher.create('dv_live_sk_');
  const organization: Organization = {
    id: `org_${number}`,
    name: 'A',
    currency: 'USD',
    accountId: 'acct_live',
    createdAt,
  };
  const key: ApiKey = {
    id: `ak_${number}`,
    organizationId: organization.id,
    mode: 'live',
    keyHash: hasher.hash(plain),
    lastFour: plain.slice(-4),
    hasCheck: true,
    ...{ name: null, scopes: ['read'], expiresAt: null, createdBy: 'environment' },
    createdAt,
  };
  return { organization, key, plain };
}

test('findByKeyHash: finds the owner until the key is revoked; revoking twice is the same', async () => {
  const { organization, key } = newOrganization();
  await store.save(organization, key, profile);
  expect(await store.findByKeyHash(key.keyHash)).toEqual({
    organizationId: organization.id,
    currency: 'USD',
    keyId: key.id,
    mode: 'live',
    accountMode: 'live',
    ...{ scopes: ['read'], expiresAtMs: null },
  });
  expect(await store.revokeKey(key.id, new Date(0))).toBe(key.keyHash);
  expect(await store.findByKeyHash(key.keyHash)).toBeNull();
  expect(await store.revokeKey(key.id, new Date(1))).toBe(key.keyHash);
  expect(await store.revokeKey('ak_none', new Date(1))).toBeNull();
});

test('save: what is stored holds no key', async () => {
  const { organization, key, plain } = newOrganization();
  await store.save(organization, key, profile);
  const rows = await prisma.$queryRaw`SELECT row_to_json(k)::text AS text FROM gateway.api_key k`;
  expect(JSON.stringify(rows)).not.toContain(plain);
});

test('list: pages newest first without a gap', async () => {
  for (let i = 0; i < 5; i++) {
    const { organization, key } = newOrganization();
    await store.save(organization, key, profile);
  }
  const all = (await store.list(100, null)).map(({ id }) => id);
  expect(all).toEqual([...all].sort().reverse());
  const first = await store.list(2, null);
  const second = await store.list(2, first.at(-1)!.id);
  expect([...first, ...second].map(({ id }) => id)).toEqual(all.slice(0, 4));
});

test('the role of the gateway deletes nothing, changes no hash and reads no other schema', async () => {
  const forbidden = [
    'DELETE FROM gateway.api_key',
    'DELETE FROM gateway.organization',
    "UPDATE gateway.api_key SET key_hash = repeat('0', 64)",
    "UPDATE gateway.organization SET currency = 'EUR'",
    'SELECT * FROM wallet_ledger.wallet',
    'TRUNCATE gateway.api_key',
  ];
  for (const sql of forbidden) {
    await expect(prisma.$executeRawUnsafe(sql)).rejects.toThrow(/permission denied/);
  }
});

test('a database that is away is told as unavailable', async () => {
  const away = createPrisma('postgresql://orbit_gateway:x@127.0.0.1:1/orbit', { poolSizeMax: 1 });
  const lost = new PostgresOrganizationStore(away);
  await expect(lost.read('org_1')).rejects.toMatchObject({ code: 'unavailable' });
  await away.$disconnect();
});
