// Goal: the posting path on a real PostgreSQL keeps the books whatever is repeated, raced or refused.
// Redis is replaced by the port's simplest honest implementation here; libs/spend and e2e test the real one.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@orbit/kernel';
import { micros, parseAmount, type Micros } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import type { LedgerCommand } from './books/application/commands.js';
import { ChangeWallet } from './books/application/change-wallet.js';
import { PostBatch } from './books/application/post-batch.js';
import { LEDGER_RULES } from './ledger-rules.js';
import type {
  ClaimResult,
  ClaimRequest,
  HotBalancesPort,
  LedgerEvent,
  WalletKey,
} from './books/application/ports.js';
import { ReadWallet } from './wallets/application/read-wallet.js';
import { auditLedger } from './books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from './books/adapters/postgres-ledger-store.js';
import { PostgresWalletReader } from './wallets/adapters/postgres-wallet-reader.js';
import { noLoads } from './hot-balances/trusting-loads.fake.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
const published: LedgerEvent[] = [];

// Grants in order what fits the posted balance: what Redis does when there are no open holds.
const hotBalances: HotBalancesPort = {
  claim: (requests) => Promise.resolve(requests.map(grantInOrder)),
  confirm: () => Promise.resolve(),
};
function grantInOrder({ wallet, charges }: ClaimRequest): ClaimResult {
  let left = wallet.postedMicros + wallet.overdraftMicros;
  const granted = charges.filter(({ amountMicros }) => {
    if (amountMicros > left) return false;
    left = micros(left - amountMicros);
    return true;
  });
  return { granted: new Set(granted.map(({ chargeId }) => chargeId)), held: new Set() };
}
const events = {
  publish: (batch: readonly LedgerEvent[]) => {
    published.push(...batch);
    return Promise.resolve();
  },
};

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 8 });
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

const usd = (text: string): Micros => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};
const postBatch = (): PostBatch =>
  new PostBatch(
    new PostgresLedgerStore(pool),
    hotBalances,
    events,
    { send: () => Promise.resolve() },
    systemClock,
    LEDGER_RULES,
  );
const changeWallet = (): ChangeWallet =>
  new ChangeWallet(postBatch(), new PostgresWalletReader(pool), noLoads, systemClock);
const reads = (): ReadWallet => new ReadWallet(new PostgresWalletReader(pool), systemClock);

async function walletWith(amount: string): Promise<WalletKey> {
  const key: WalletKey = { organizationId: uniqueId('org'), currency: 'USD' };
  await changeWallet().open(key, usd('5'));
  await postBatch().run([topUp(key, 'tu_first', amount)], 'test');
  return key;
}
const topUp = (key: WalletKey, id: string, amount: string): LedgerCommand => ({
  kind: 'credit',
  key,
  credit: {
    type: 'topup',
    reference: `topup:${id}`,
    amountMicros: usd(amount),
    kind: 'paid',
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    occurredAtMs: Date.now(),
    metadata: {},
  },
});
const charge = (key: WalletKey, chargeId: string, amount: string): LedgerCommand => ({
  kind: 'charge',
  key,
  replyTo: null,
  charge: {
    chargeId,
    amountMicros: usd(amount),
    channel: 'sms',
    quantity: 1,
    metadata: { country: '1' },
    occurredAtMs: Date.now(),
    isAuthorized: false,
    leaseId: null,
  },
});
const statuses = (results: readonly { status: string }[]): Record<string, number> =>
  results.reduce<Record<string, number>>(
    (sum, { status }) => ({ ...sum, [status]: (sum[status] ?? 0) + 1 }),
    {},
  );

test('T02 200 charges of 0.01 on 1.00 through 4 racing writers: exactly 100 book, final 0, 100 spend entries', async () => {
  const key = await walletWith('1.00');
  const batches = Array.from({ length: 4 }, (_, writer) =>
    Array.from({ length: 50 }, (_, n) => charge(key, `c_${writer}_${n}`, '0.01')),
  );
  const results = await Promise.all(batches.map((batch, n) => postBatch().run(batch, `w${n}`)));
  expect(statuses(results.flat())).toEqual({ booked: 100, rejected: 100 });
  const view = await reads().read(key);
  expect(view?.balance).toBe('0.00');
  const page = await reads().listTransactions({
    organization_id: key.organizationId,
    currency: 'USD',
    limit: 200,
    type: 'spend',
  });
  expect(page.transactions).toHaveLength(100);
});

test('T28 a batch that is read again after the commit adds nothing and answers the same', async () => {
  const key = await walletWith('1.00');
  const batch = [charge(key, 'a', '0.40'), charge(key, 'b', '0.70'), charge(key, 'a', '0.40')];
  const start = published.length;
  const first = await postBatch().run(batch, 'p0');
  const middle = published.length;
  const again = await postBatch().run(batch, 'p0');
  expect(again.map(({ status }) => status)).toEqual(['booked', 'rejected', 'booked']);
  expect(first.map(({ status }) => status)).toEqual(again.map(({ status }) => status));
  const ids = (from: number, to?: number): string[] =>
    published.slice(from, to).map(({ id }) => id);
  expect(ids(middle)).toEqual(ids(start, middle));
  expect((await reads().read(key))?.balance).toBe('0.60');
});

test('T28 a crash between commit, hot balance, publication and offsets: the repeat adds nothing and tells everything', async () => {
  const key = await walletWith('10.00');
  const batch = [charge(key, 'a', '4.00'), charge(key, 'b', '5.00')];
  const crash = (): Promise<never> => Promise.reject(new Error('killed'));
  const dyingAt = (step: 'settle' | 'publish'): PostBatch =>
    new PostBatch(
      new PostgresLedgerStore(pool),
      step === 'settle' ? { ...hotBalances, confirm: crash } : hotBalances,
      step === 'publish' ? { publish: crash } : events,
      { send: () => Promise.resolve() },
      systemClock,
      LEDGER_RULES,
    );
  await expect(dyingAt('settle').run(batch, 'p0')).rejects.toThrow('killed');
  await expect(dyingAt('publish').run(batch, 'p0')).rejects.toThrow('killed');
  const start = published.length;
  await postBatch().run(batch, 'p0');
  const topics = published.slice(start).map(({ topic }) => topic);
  expect(topics).toEqual(['charge.posted', 'charge.posted', 'balance.low']);
  expect((await reads().read(key))?.balance).toBe('1.00');
});

test('the same charge id with another amount is a conflict and moves nothing', async () => {
  const key = await walletWith('1.00');
  await postBatch().run([charge(key, 'a', '0.40')], 'p0');
  const [result] = await postBatch().run([charge(key, 'a', '0.41')], 'p0');
  expect(result).toMatchObject({ status: 'rejected', reason: 'charge_id_conflict' });
  expect((await reads().read(key))?.balance).toBe('0.60');
});

test('a rejected charge stays rejected after money came in', async () => {
  const key = await walletWith('1.00');
  await postBatch().run([charge(key, 'big', '3.00')], 'p0');
  await postBatch().run([topUp(key, 'tu_2', '10.00'), topUp(key, 'tu_2', '10.00')], 'p0');
  const [again] = await postBatch().run([charge(key, 'big', '3.00')], 'p0');
  expect(again).toMatchObject({ status: 'rejected', reason: 'insufficient_funds' });
  expect((await reads().read(key))?.balance).toBe('11.00');
});

test('the same charge id in two organizations is two charges', async () => {
  const [a, b] = await Promise.all([walletWith('1.00'), walletWith('1.00')]);
  await postBatch().run([charge(a, 'x', '0.10'), charge(b, 'x', '0.20')], 'p0');
  expect((await reads().read(a))?.balance).toBe('0.90');
  expect((await reads().read(b))?.balance).toBe('0.80');
});

test('cents of transactions add up to the balance although single sends cost fractions of a cent', async () => {
  const key = await walletWith('1.00');
  await postBatch().run(
    Array.from({ length: 37 }, (_, n) => charge(key, `s${n}`, '0.0075')),
    'p0',
  );
  const page = await reads().listTransactions({
    organization_id: key.organizationId,
    currency: 'USD',
    limit: 200,
  });
  const cents = page.transactions.reduce((sum, { amount_minor: minor }) => sum + minor, 0);
  expect((await reads().read(key))?.balance).toBe('0.7225');
  expect(cents).toBe(72);
});

test('pages are stable while entries are added, and a cursor that no page ended with is refused', async () => {
  const key = await walletWith('10.00');
  const query = { organization_id: key.organizationId, currency: 'USD', limit: 4 };
  await postBatch().run(
    Array.from({ length: 10 }, (_, n) => charge(key, `s${n}`, '0.01')),
    'p0',
  );
  const seen: string[] = [];
  let after: string | undefined;
  for (let page = 0; ; page++) {
    const { transactions, has_more: hasMore } = await reads().listTransactions(
      after === undefined ? query : { ...query, after_id: after },
    );
    seen.push(...transactions.map(({ sequence }) => sequence));
    after = transactions.at(-1)?.id;
    await postBatch().run([charge(key, `late${page}`, '0.01')], 'p0');
    if (!hasMore) break;
  }
  expect(seen).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2', '1']);
  const other = await walletWith('1.00');
  const theirs = await reads().listTransactions({
    ...query,
    organization_id: other.organizationId,
  });
  for (const after_id of ['x', 'ct_zzzz_1', `${after}zzz`, theirs.transactions[0]!.id])
    await expect(reads().listTransactions({ ...query, after_id })).rejects.toMatchObject({
      code: 'invalid_field',
      param: 'cursor',
    });
});

test('balances refuse every writer but the ledger, entries refuse change by everybody', async () => {
  const key = await walletWith('1.00');
  for (const role of [
    'orbit_gateway',
    'orbit_checkout',
    'orbit_usage_metering',
    'orbit_invoicing',
  ]) {
    const other = new pg.Client({ connectionString: database.urlFor(role) });
    await other.connect();
    await expect(other.query('UPDATE wallet_ledger.wallet SET balance_micros = 0')).rejects.toThrow(
      /permission denied/,
    );
    await expect(other.query('SELECT * FROM wallet_ledger.wallet')).rejects.toThrow(
      /permission denied/,
    );
    await other.end();
  }
  await expect(pool.query('UPDATE wallet_ledger.entry SET amount_micros = 1')).rejects.toThrow(
    /permission denied/,
  );
  await expect(pool.query('DELETE FROM wallet_ledger.entry')).rejects.toThrow(/permission denied/);
  await expect(pool.query('DELETE FROM wallet_ledger.wallet')).rejects.toThrow(/permission denied/);
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await expect(admin.query('UPDATE wallet_ledger.entry SET amount_micros = 1')).rejects.toThrow(
    /append only/,
  );
  await admin.end();
  expect((await reads().read(key))?.balance).toBe('1.00');
});

test('a batch is a constant number of statements, whatever its size; a small one is fewer', async () => {
  const counts: number[] = [];
  for (const size of [3, 90, 110, 300]) {
    const key = await walletWith('10.00');
    const client = await pool.connect();
    let statements = 0;
    const counting = {
      connect: () =>
        Promise.resolve({
          query: (...parameters: unknown[]) => {
            statements++;
            return (client.query as (...p: unknown[]) => unknown)(...parameters);
          },
          release: () => undefined,
        }),
    } as unknown as pg.Pool;
    const post = new PostBatch(
      new PostgresLedgerStore(counting),
      hotBalances,
      events,
      { send: () => Promise.resolve() },
      systemClock,
      LEDGER_RULES,
    );
    await post.run(
      Array.from({ length: size }, (_, n) => charge(key, `s${n}`, '0.01')),
      'p0',
    );
    client.release();
    counts.push(statements);
  }
  const [small, alsoSmall, large, alsoLarge] = counts;
  expect([alsoSmall, alsoLarge]).toEqual([small, large]);
  expect(small).toBeLessThan(large ?? 0);
});
