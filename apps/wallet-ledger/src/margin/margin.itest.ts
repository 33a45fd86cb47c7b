// Goal: margin adds up exactly out of the books: sub-micro costs, parts, reversals, remainders, pages, and one
// organization or account alone. Method: charges posted into a real PostgreSQL.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { costText, PRICE_TAG, type MarginQuery } from '@orbit/contracts';
import { micros } from '@orbit/money';
import { decimal } from '@orbit/pricing';
import { createTestDatabase, uniqueId, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { ChangeWallet } from '../books/application/change-wallet.js';
import type { ChargeCommand } from '../books/application/commands.js';
import type { HotBalancesPort, HotLoads, WalletKey } from '../books/application/ports.js';
import { PostBatch } from '../books/application/post-batch.js';
import { PostgresBlockReader } from '../blocks/adapters/postgres-block-reader.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { CorrectWallet } from '../wallets/application/correct-wallet.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { PostgresMargins } from './adapters/postgres-margins.js';
import { ReadMargin } from './application/read-margin.js';

const nowMs = Date.parse('2026-11-30T12:00:00.000Z');
const clock = { nowMs: () => nowMs };
let database: TestDatabase;
let pool: pg.Pool;
let post: PostBatch;
let wallets: ChangeWallet;
let correct: CorrectWallet;
let margin: ReadMargin;
const hot: HotBalancesPort & HotLoads = {
  permit: async () => null,
  load: async () => false,
  claim: async (requests) =>
    requests.map(({ charges }) => ({
      granted: new Set(charges.map(({ chargeId }) => chargeId)),
      held: new Set<string>(),
    })),
  confirm: async () => undefined,
};

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  const silent = { publish: async () => undefined };
  const replies = { send: async () => undefined };
  post = new PostBatch(new PostgresLedgerStore(pool), hot, silent, replies, clock, LEDGER_RULES);
  const reader = new PostgresWalletReader(pool);
  wallets = new ChangeWallet(post, reader, hot, clock);
  correct = new CorrectWallet(wallets, reader, new PostgresBlockReader(pool));
  margin = new ReadMargin(new PostgresMargins(pool));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function makeWallet(organizationId: string, currency: 'USD' | 'EUR' = 'USD') {
  const key: WalletKey = { organizationId, currency };
  await wallets.open(key, null);
  const credit = {
    ...{ type: 'grant' as const, reference: uniqueId('grant'), amountMicros: micros(50_000_000n) },
    ...{ kind: 'promotional' as const, priority: 0, effectiveAtMs: null, expiresAtMs: null },
    ...{ occurredAtMs: nowMs, metadata: {} },
  };
  await post.run([{ kind: 'credit', key, credit }], 'test');
  return key;
}
/** As the doors make it. `captured`: a part of it. */
function charge(
  key: WalletKey,
  chargeId: string,
  rated: string,
  { price = 'chat', channel = 'ai', cost = '', captured = 0n } = {},
): ChargeCommand {
  const whole = decimal(rated).round(6, 'HALF_EVEN').digitsAt(6);
  const amount = whole < 1n ? 1n : whole;
  const metadata = {
    ...(price && { [PRICE_TAG.price]: price, [PRICE_TAG.card]: '1.0', [PRICE_TAG.rated]: rated }),
    ...(cost && { [PRICE_TAG.cost]: costText(cost, key.currency, amount) }),
  };
  return {
    ...{ kind: 'charge', key, replyTo: null },
    charge: {
      ...{ chargeId, amountMicros: micros(captured || amount), channel, quantity: 1, metadata },
      ...{ occurredAtMs: nowMs, isAuthorized: false, leaseId: null },
    },
  };
}
const read = (query: Partial<MarginQuery>) =>
  margin.run({
    ...{ by: 'channel', from: '2026-11-30T00:00:00Z', to: '2026-12-01T00:00:00Z', limit: 500 },
    ...query,
  });

test('T01 with a cost: a thousand calls earn 8.755, cost 3.969, and leave 4.786, by channel, price and organization', async () => {
  const organization_id = uniqueId('org');
  const key = await makeWallet(organization_id);
  const calls = Array.from({ length: 1_000 }, (_, index) =>
    charge(key, `c${index}`, '0.008755', { cost: '0.003969' }),
  );
  for (let from = 0; from < 1_000; from += 250) await post.run(calls.slice(from, from + 250), 't');
  await post.run(calls.slice(0, 100), 't');
  const total = {
    currency: 'USD',
    charges: 1_000,
    revenue: '8.755',
    cost: '3.969',
    margin: '4.786',
  };
  for (const [by, name] of [
    ['channel', 'ai'],
    ['price', 'chat'],
    ['organization', organization_id],
  ] as const) {
    const { rows } = await read({ by, organization_id });
    expect(rows).toEqual([{ key: name, ...total }]);
  }
});

test('sub-micro calls: ten thousand at 0.0000001 that cost 0.00000007 earn 0.001, cost 0.0007, leave 0.0003', async () => {
  const organization_id = uniqueId('org');
  const key = await makeWallet(organization_id);
  const calls = Array.from({ length: 10_000 }, (_, index) =>
    charge(key, `s${index}`, '0.0000001', { cost: '0.00000007' }),
  );
  for (let from = 0; from < calls.length; from += 1_000) {
    await post.run(calls.slice(from, from + 1_000), 't');
  }
  for (const by of ['channel', 'price', 'organization'] as const) {
    expect((await read({ by, organization_id })).rows).toMatchObject([
      { charges: 10_000, revenue: '0.001', cost: '0.0007', margin: '0.0003' },
    ]);
  }
});

test('parts, reversals, charges without a price or a cost, other currencies and odd tags', async () => {
  const organization_id = uniqueId('org');
  const key = await makeWallet(organization_id);
  const euro = await makeWallet(organization_id, 'EUR');
  const odd = charge(key, 'odd', '1', { price: '', channel: 'sms' });
  await post.run(
    [
      charge(key, 'part', '4', { cost: '1', captured: 1_000_000n }),
      charge(key, 'back', '2', { cost: '0.5' }),
      charge(key, 'plain', '3', { price: '', channel: 'sms' }),
      charge(euro, 'euro', '5', { cost: '6' }),
      { ...odd, charge: { ...odd.charge, metadata: { [PRICE_TAG.cost]: '1;DROP/0' } } },
    ],
    't',
  );
  await correct.reverse(organization_id, {
    ...{ chargeId: 'back', reference: 'r1', reason: 'a test' },
    ...{ amountMicros: null, extendToMs: null },
  });
  const { rows } = await read({ organization_id });
  expect(rows).toEqual([
    { key: 'ai', currency: 'EUR', charges: 1, revenue: '5', cost: '6', margin: '-1' },
    { key: 'ai', currency: 'USD', charges: 2, revenue: '1', cost: '0.75', margin: '0.25' },
    { key: 'sms', currency: 'USD', charges: 2, revenue: '4', cost: '0', margin: '4' },
  ]);
  expect((await read({ by: 'price', organization_id })).rows.map(({ key: name }) => name)).toEqual([
    ...['chat', 'chat', null],
  ]);
  expect((await read({ organization_id: 'org_other' })).rows).toEqual([]);
  expect((await read({ organization_id, account_id: 'acct_other' })).rows).toEqual([]);
  expect((await read({ organization_id, to: '2026-11-30T12:00:00Z' })).rows).toEqual([]);
  const pages: unknown[] = [];
  let after: string | undefined;
  do {
    const page = await read({ organization_id, limit: 1, ...(after && { after }) });
    pages.push(...page.rows);
    after = page.next ?? undefined;
  } while (after);
  expect(pages).toEqual(rows);
  await expect(read({ after: 'x' })).rejects.toMatchObject({ param: 'cursor' });
});
