// Goal: accounts, their keys and their customers are kept apart and exact under concurrency. Method: the stores over a
// real database, as the role of the gateway.
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, eventually, uniqueId, type TestDatabase } from '@orbit/testing';
import type { NewCustomer } from '../customers/customer-ports.js';
import { PostgresCustomerDirectory } from '../customers/postgres-customer-directory.js';
import { HmacKeyHasher } from '../hmac-key-hasher.js';
import type { Account } from './account.js';
import type { AccountKey } from './account-ports.js';
import { PostgresAccountStore } from './postgres-account-store.js';

const hasher = new HmacKeyHasher('secret-of-the-tests-0123456789');
let database: TestDatabase;
let prisma: PrismaClient;
let accounts: PostgresAccountStore;
let directory: PostgresCustomerDirectory;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_gateway'), { poolSizeMax: 8 });
  accounts = new PostgresAccountStore(prisma);
  directory = new PostgresCustomerDirectory(prisma);
  // A busy machine takes longer for the first connection than a request waits.
  await eventually(() => accounts.list());
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

let seconds = 0;
const nextInstant = (): Date => new Date(Date.parse('2027-01-01T00:00:00Z') + 1_000 * seconds++);

async function newAccount(): Promise<Account> {
  const account: Account = {
    id: `acct_${uniqueId('a').replace(/[^A-Za-z0-9]/g, '')}`,
    ...{ name: 'A', mode: 'test', defaultCurrency: 'EUR', timezone: 'Asia/Kathmandu' },
    createdAt: nextInstant(),
  };
  await accounts.save(account);
  return account;
}
const newKey = (accountId: string): AccountKey => ({
  ...{ id: uniqueId('ak'), accountId, lastFour: '0000', hasCheck: true, createdAt: nextInstant() },
  keyHash: hasher.hash(hasher.create('orb_test_')),
});

test('the live account is there without a key; others are read and listed, newest first', async () => {
  expect(await accounts.read('acct_live')).toMatchObject({ mode: 'live', defaultCurrency: 'USD' });
  const account = await newAccount();
  expect(await accounts.read(account.id)).toEqual(account);
  expect((await accounts.list()).map(({ id }) => id)).toEqual([account.id, 'acct_live']);
  expect(await accounts.read('acct_none')).toBeNull();
});

test('a key finds its account until the next one ends it; the webhook secret stays', async () => {
  const { id, mode, defaultCurrency, timezone } = await newAccount();
  const [first, second] = [newKey(id), newKey(id)];
  expect(await accounts.replaceKeys(first, 'whsec_1')).toEqual({
    ...{ webhookSecret: 'whsec_1', revokedHashes: [] },
  });
  const principal = { id, mode, defaultCurrency, timezone };
  expect(await accounts.findByKeyHash(first.keyHash)).toEqual({ ...principal, keyId: first.id });
  expect(await accounts.replaceKeys(second, 'whsec_2')).toEqual({
    ...{ webhookSecret: 'whsec_1', revokedHashes: [first.keyHash] },
  });
  expect(await accounts.findByKeyHash(first.keyHash)).toBeNull();
  expect(await accounts.findByKeyHash(second.keyHash)).toMatchObject({ keyId: second.id });
});

test('of keys that are made at once one is left', async () => {
  const { id } = await newAccount();
  const keys = Array.from({ length: 4 }, () => newKey(id));
  await Promise.all(keys.map((key) => accounts.replaceKeys(key, 'whsec_1')));
  const found = await Promise.all(keys.map((key) => accounts.findByKeyHash(key.keyHash)));
  expect(found.filter((one) => one !== null)).toHaveLength(1);
});

const newCustomer = (accountId: string, more: Partial<NewCustomer> = {}): NewCustomer => ({
  id: uniqueId('org'),
  ...{ externalCustomerId: null, name: 'A', currency: 'USD', createdAt: nextInstant() },
  profile: {
    account: { id: accountId, mode: 'test', default_currency: 'USD', timezone: 'UTC' },
    body: { name: 'A', email: 'a@b.test' },
    idempotency: null,
  },
  ...more,
});

test('a customer is there from when its profile is; its half-made self is found by who ends it', async () => {
  const { id: accountId } = await newAccount();
  const customer = newCustomer(accountId, { externalCustomerId: 'e/1' });
  expect(await directory.claim(customer)).toBe('claimed');
  expect(await directory.claim(customer)).toBe('known');
  expect(await directory.find(accountId, { id: customer.id })).toBeNull();
  const pending = { ...ofCustomer(customer), pending: customer.profile };
  expect(await directory.findPending(customer.id)).toEqual(pending);
  expect(await directory.listPending(nextInstant(), 10)).toContainEqual(pending);
  await directory.finish(customer.id, true);
  const made = { ...ofCustomer(customer), pending: null };
  expect(await directory.find(accountId, { id: customer.id })).toEqual(made);
  expect(await directory.find(accountId, { externalCustomerId: 'e/1' })).toEqual(made);
  expect(await directory.find('acct_live', { id: customer.id })).toBeNull();
  expect(await directory.find('acct_live', { externalCustomerId: 'e/1' })).toBeNull();
});
const ofCustomer = ({ id, externalCustomerId, currency }: NewCustomer) => ({
  ...{ id, externalCustomerId, currency },
});

test('an external id is one customer of an account, until that is refused or deleted', async () => {
  const [{ id: a }, { id: b }] = [await newAccount(), await newAccount()];
  const [first, second] = [newCustomer(a), newCustomer(a)].map((customer) => ({
    ...{ ...customer, externalCustomerId: 'e1' },
  })) as [NewCustomer, NewCustomer];
  expect(await directory.claim(first)).toBe('claimed');
  expect(await directory.claim(second)).toBe('taken');
  expect(await directory.claim(newCustomer(b, { externalCustomerId: 'e1' }))).toBe('claimed');
  await directory.finish(first.id, false);
  expect(await directory.find(a, { id: first.id })).toBeNull();
  expect(await directory.claim(second)).toBe('claimed');
  await directory.finish(second.id, true);
  await directory.delete(second.id);
  expect(await directory.find(a, { externalCustomerId: 'e1' })).toBeNull();
  expect(await directory.claim(newCustomer(a, { externalCustomerId: 'e1' }))).toBe('claimed');
});

test('an external id is given once, and of two that ask at once one gets it', async () => {
  const { id: accountId } = await newAccount();
  const made = [newCustomer(accountId), newCustomer(accountId)];
  for (const customer of made) {
    await directory.claim(customer);
    await directory.finish(customer.id, true);
  }
  const named = await Promise.all(made.map(({ id }) => directory.name(id, 'e1')));
  expect([...named].sort()).toEqual(['named', 'taken']);
  const winner = made[named.indexOf('named')]!;
  expect(await directory.name(winner.id, 'e1')).toBe('named');
  expect(await directory.name(winner.id, 'e2')).toBe('named_otherwise');
  await directory.unname(winner.id, 'e1');
  expect(await directory.name(winner.id, 'e2')).toBe('named');
});

test('the role of the gateway deletes no account, changes no mode and moves no organization', async () => {
  const forbidden = [
    'DELETE FROM gateway.account',
    "UPDATE gateway.account SET mode = 'live'",
    'DELETE FROM gateway.account_key',
    "UPDATE gateway.account_key SET key_hash = repeat('0', 64)",
    "UPDATE gateway.organization SET account_id = 'acct_live'",
    'SELECT * FROM invoicing.customer',
  ];
  for (const sql of forbidden) {
    await expect(prisma.$executeRawUnsafe(sql)).rejects.toThrow(/permission denied/);
  }
});
