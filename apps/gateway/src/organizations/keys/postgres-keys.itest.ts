// Goal: keys rotate once and the trail only grows. Method: the stores over a real database, as the role of the gateway.
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, eventually, type TestDatabase } from '@orbit/testing';
import type { AuditEntry } from '../../edge/audit/audit-entry.js';
import { PostgresAuditStore } from '../../edge/audit/postgres-audit-store.js';
import type { ProfileRequest } from '../customers/customer-ports.js';
import { HmacKeyHasher } from '../hmac-key-hasher.js';
import type { OperatorKey } from '../operators/operator-key.js';
import { PostgresOperatorKeys } from '../operators/postgres-operator-keys.js';
import { PostgresOrganizationStore } from '../postgres-organization-store.js';
import { newKey } from './manage-keys.js';
import type { KeyTerms } from './organization-key.js';
import { PostgresOrganizationKeys } from './postgres-organization-keys.js';

const hasher = new HmacKeyHasher('secret-of-the-tests-0123456789');
const AT_MS = Date.parse('2027-01-01T00:00:00Z');
const at = (seconds: number): Date => new Date(AT_MS + 1_000 * seconds);
let database: TestDatabase;
let prisma: PrismaClient;
let audit: PostgresAuditStore;
let operators: PostgresOperatorKeys;
let keys: PostgresOrganizationKeys;
let organizations: PostgresOrganizationStore;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_gateway'), { poolSizeMax: 8 });
  audit = new PostgresAuditStore(prisma);
  operators = new PostgresOperatorKeys(prisma);
  keys = new PostgresOrganizationKeys(prisma);
  organizations = new PostgresOrganizationStore(prisma);
  // A busy machine takes longer for the first connection than a request waits.
  await eventually(() => operators.list());
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

const operatorKey = (id: string, more: Partial<OperatorKey> = {}): OperatorKey => ({
  ...{ id, name: 'Ada | Lovelace', role: 'owner', createdBy: 'environment', lastFour: 'abcd' },
  keyHash: hasher.hash(hasher.create('orbit_op_')),
  ...{ createdAt: at(0), expiresAt: null, lastUsedAt: null, revokedAt: null, replacedBy: null },
  ...more,
});

test('of rotations of an operator key at once one wins; both keys are valid until the old one expires', async () => {
  const old = operatorKey('opk_1');
  await operators.save(old);
  expect(await operators.hasOwner(at(1))).toBe(true);
  const successors = ['opk_2', 'opk_3', 'opk_4'].map((id) => operatorKey(id, { createdAt: at(1) }));
  const outcomes = await Promise.all(
    successors.map((key) => operators.rotate('opk_1', key, at(60))),
  );
  expect([...outcomes].sort()).toEqual(['ended', 'ended', 'rotated']);
  const winner = successors[outcomes.indexOf('rotated')]!;
  expect(await operators.read('opk_1')).toEqual({
    ...{ ...old, replacedBy: winner.id, expiresAt: at(60) },
  });
  expect((await operators.list()).map(({ id }) => id)).toEqual([winner.id, 'opk_1']);
  const principal = {
    keyId: 'opk_1',
    name: old.name,
    role: 'owner',
    expiresAtMs: at(60).getTime(),
  };
  expect(await operators.findByKeyHash(old.keyHash)).toEqual(principal);
  expect(await operators.revoke(winner.id, at(2))).toBe(winner.keyHash);
  expect(await operators.findByKeyHash(winner.keyHash)).toBeNull();
  expect([await operators.hasOwner(at(59)), await operators.hasOwner(at(60))]).toEqual([
    true,
    false,
  ]);
  expect(await operators.rotate('opk_none', operatorKey('opk_5'), at(60))).toBe('not_found');
  expect(await operators.revoke('opk_none', at(2))).toBeNull();
});

const TERMS: KeyTerms = { name: 'r', scopes: ['read'], expiresAt: null, createdBy: 'opk_1' };

test('a key of an organization keeps its terms, is listed page by page, and rotates once', async () => {
  const first = newKey(hasher, AT_MS, 'org_1', 'live', TERMS);
  const organization = { id: 'org_1', name: 'A', currency: 'USD', accountId: 'acct_live' } as const;
  const profile: ProfileRequest = {
    account: { id: 'acct_live', mode: 'live', default_currency: 'USD', timezone: 'UTC' },
    ...{ body: { name: 'A', email: '' }, idempotency: null },
  };
  await organizations.save({ ...organization, createdAt: at(0) }, first.stored, profile);
  const next = newKey(hasher, AT_MS + 1_000, 'org_1', 'live', TERMS).stored;
  const id = first.stored.id;
  expect(await keys.rotate(id, next, at(60))).toBe('rotated');
  expect(await keys.rotate(id, next, at(60))).toBe('ended');
  await keys.noteUse(id, at(5));
  const old = { ...first.stored, expiresAt: at(60), lastUsedAt: at(5), replacedBy: next.id };
  expect(await keys.read(id)).toEqual({ ...old, revokedAt: null });
  expect((await keys.list('org_1', 1, null)).map((key) => key.id)).toEqual([next.id]);
  expect((await keys.list('org_1', 5, next.id)).map((key) => key.id)).toEqual([id]);
  expect(await organizations.findByKeyHash(first.stored.keyHash)).toMatchObject({
    ...{ scopes: ['read'], expiresAtMs: at(60).getTime() },
  });
  expect(await keys.findIdByHash(next.keyHash)).toBe(next.id);
  expect(await organizations.uncheckedHashes()).toEqual([]);
});

const entry = (id: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ id, at: at(0), door: 'operator key', keyId: 'environment', method: 'POST' },
  ...{ organizationId: null, accountId: null, route: '/r', subject: '/s', requestId: `req_${id}` },
  ...{ address: '203.0.113.9', asked: { amount: '1.25' } },
  ...more,
});

test('the trail lists newest first with outcomes, by each filter, and from a cursor on', async () => {
  await audit.begin(entry('aud_1'));
  await audit.begin(entry('aud_2', { organizationId: 'org_1', keyId: 'opk_1', at: at(1) }));
  await audit.begin(
    entry('aud_3', { accountId: 'acct_1', route: 'create-item', at: at(2), asked: null }),
  );
  await audit.finish({
    ...{ id: 'aud_4', entryId: 'aud_1', at: at(3), status: 201, before: null, after: { ok: true } },
  });
  const ids = async (...[filter, limit = 9, after = null]: [object, number?, (string | null)?]) =>
    (await audit.list(filter, limit, after)).map(({ id }) => id);
  expect(await ids({})).toEqual(['aud_3', 'aud_2', 'aud_1']);
  expect(await ids({}, 1, 'aud_3')).toEqual(['aud_2']);
  expect(await ids({ keyId: 'opk_1' })).toEqual(['aud_2']);
  expect(await ids({ organizationId: 'org_1', route: '/r' })).toEqual(['aud_2']);
  expect(await ids({ accountId: 'acct_1' })).toEqual(['aud_3']);
  expect(await ids({ requestId: 'req_aud_1' })).toEqual(['aud_1']);
  expect(await ids({ from: at(1), to: at(2) })).toEqual(['aud_2']);
  const [first] = await audit.list({ requestId: 'req_aud_1' }, 1, null);
  expect(first).toEqual({
    ...entry('aud_1'),
    outcome: { at: at(3), status: 201, before: null, after: { ok: true } },
  });
  expect([await audit.has('aud_1'), await audit.has('aud_4')]).toEqual([true, false]);
});

test('the role of the gateway changes and deletes nothing of the trail, nor the role of a key', async () => {
  const forbidden = [
    "UPDATE gateway.audit_entry SET key_id = 'x'",
    'DELETE FROM gateway.audit_entry',
    'TRUNCATE gateway.audit_entry',
    'DELETE FROM gateway.operator_key',
    "UPDATE gateway.operator_key SET role = 'owner'",
    "UPDATE gateway.api_key SET scopes = '{manage}'",
  ];
  for (const sql of forbidden) {
    await expect(prisma.$executeRawUnsafe(sql)).rejects.toThrow(/permission denied/);
  }
});
