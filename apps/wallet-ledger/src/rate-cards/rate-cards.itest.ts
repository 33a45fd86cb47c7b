// Goal: charges by price cost exactly what the card says, whatever the size of one, and the books add up; cards are
// versions that stand for ever. Method: use cases and posting over a real PostgreSQL.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PRICE_TAG } from '@orbit/contracts';
import { onRealTime } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import { Decimal, decimal } from '@orbit/pricing';
import { createTestDatabase, uniqueId, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { ChangeWallet } from '../books/application/change-wallet.js';
import type { ChargeCommand } from '../books/application/commands.js';
import type { HotBalancesPort, HotLoads, WalletKey } from '../books/application/ports.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { PostgresCards } from './adapters/postgres-cards.js';
import { ManageCards } from './application/manage-cards.js';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');
let nowMs = NOW;
const clock = { nowMs: () => nowMs };
let database: TestDatabase;
let pool: pg.Pool;
let post: PostBatch;
let wallets: ChangeWallet;
let cards: ManageCards;
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
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 6 });
  const silent = { publish: async () => undefined };
  const replies = { send: async () => undefined };
  post = new PostBatch(new PostgresLedgerStore(pool), hot, silent, replies, clock, LEDGER_RULES);
  wallets = new ChangeWallet(post, new PostgresWalletReader(pool), hot, clock);
  cards = new ManageCards(new PostgresCards(pool, onRealTime(clock)));
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

async function makeWallet(credit: bigint): Promise<WalletKey> {
  const key = { organizationId: uniqueId('org'), currency: 'USD' as const };
  await wallets.open(key, null);
  await post.run(
    [
      {
        kind: 'credit',
        key,
        credit: {
          ...{ type: 'grant', reference: uniqueId('grant'), amountMicros: micros(credit) },
          ...{ kind: 'promotional', priority: 0, effectiveAtMs: null, expiresAtMs: null },
          ...{ occurredAtMs: NOW, metadata: {} },
        },
      },
    ],
    'test',
  );
  return key;
}
/** As the gateway rates it: whole micros, one at least. */
function charge(key: WalletKey, chargeId: string, rated: string, price = 'chat'): ChargeCommand {
  const whole = decimal(rated).round(6, 'HALF_EVEN').digitsAt(6);
  const metadata = { [PRICE_TAG.price]: price, [PRICE_TAG.card]: '1.0', [PRICE_TAG.rated]: rated };
  return {
    kind: 'charge',
    key,
    charge: {
      ...{ chargeId, amountMicros: micros(whole < 1n ? 1n : whole), channel: 'ai', quantity: 1 },
      ...{ metadata, occurredAtMs: NOW, isAuthorized: false, leaseId: null },
    },
    replyTo: null,
  };
}
async function spentOf({ organizationId }: WalletKey): Promise<{ balance: bigint; left: Decimal }> {
  const { rows } = await pool.query<{ balance: string; left: string }>(
    `SELECT w.balance_micros AS balance, coalesce(sum(r.fraction), 0)::text AS left FROM wallet_ledger.wallet w
     LEFT JOIN wallet_ledger.price_remainder r USING (wallet_no) WHERE w.organization_id = $1 GROUP BY w.wallet_no`,
    [organizationId],
  );
  return { balance: BigInt(rows[0]!.balance), left: decimal(rows[0]!.left) };
}

const CREDIT = 100_000_000n;
test.each([
  ['T01: a call of 0.008755, a thousand times, costs exactly 8.755', '0.008755', '8755000'],
  ['a call of a tenth of a micro, a thousand times, costs 100 micros', '0.0000001', '100'],
  ['a call of 1.4 micros, a thousand times, costs 1,400', '0.0000014', '1400'],
  ['a call of 2.5 micros, a thousand times, costs 2,500', '0.0000025', '2500'],
  ['a call that costs nothing, a thousand times, costs nothing', '0', '0'],
])('%s', async (_, rated, total) => {
  const key = await makeWallet(CREDIT);
  const calls = Array.from({ length: 1_000 }, (_one, index) => charge(key, `c${index}`, rated));
  for (let from = 0; from < 1_000; from += 125) await post.run(calls.slice(from, from + 125), 't');
  // Repeats change nothing.
  await post.run(calls.slice(0, 50), 't');
  const { balance, left } = await spentOf(key);
  const exact = Decimal.of(CREDIT - balance).plus(left);
  expect(exact.toString()).toBe(total);
  expect(left.isBelow(Decimal.ONE) && left.isAbove(Decimal.of(-1n))).toBe(true);
});

test('prices of one wallet carry each their own remainder; batches that race lose nothing', async () => {
  const key = await makeWallet(CREDIT);
  const calls = Array.from({ length: 300 }, (_one, index) =>
    charge(key, `r${index}`, index % 2 === 0 ? '0.0000003' : '0.0000017', index % 2 ? 'b' : 'a'),
  );
  await Promise.all(calls.map((call, index) => post.run([call], `t${index % 5}`)));
  const { balance, left } = await spentOf(key);
  expect(
    Decimal.of(CREDIT - balance)
      .plus(left)
      .toString(),
  ).toBe('300');
});

test('a tag that does not fit the amount is metadata and nothing else', async () => {
  const key = await makeWallet(CREDIT);
  const odd = (chargeId: string, rated: unknown): ChargeCommand => {
    const one = charge(key, chargeId, '0.01');
    const metadata = { ...one.charge.metadata, [PRICE_TAG.rated]: rated };
    return { ...one, charge: { ...one.charge, metadata } };
  };
  const rateds = ['5', '-0.01', 'x', '', 7, '0.0100020'];
  await post.run(
    rateds.map((rated, index) => odd(`o${index}`, rated)),
    't',
  );
  expect(await spentOf(key)).toEqual({ balance: CREDIT - 60_000n, left: Decimal.ZERO });
});

test('an empty wallet refuses a call of a tenth of a micro', async () => {
  const key = await makeWallet(1n);
  const results: string[] = [];
  for (let i = 0; i < 3; i++) {
    const command = charge(key, `e${i}`, '0.0000014');
    const [result] = await post.run(
      [{ ...command, charge: { ...command.charge, amountMicros: 1n as Micros } }],
      't',
    );
    results.push(result!.status);
  }
  expect(results).toEqual(['booked', 'rejected', 'rejected']);
});

const UNIT = (unit_amount: string) => ({
  ...{ currency: 'USD', channel: 'ai', model_type: 'unit', unit_config: { unit_amount } },
});
test('cards are versions: the account’s, the organization’s before it, and later ones from their instant on', async () => {
  const { organizationId } = await makeWallet(1n);
  const account = { account_id: 'acct_live' };
  const own = { organization_id: organizationId };
  expect(await cards.read(own)).toBeNull();
  expect(await cards.put({ owner: account, prices: { a: UNIT('1'), b: UNIT('2') } })).toMatchObject(
    {
      ...{ version: 1, is_replay: false },
    },
  );
  expect(await cards.put({ owner: account, prices: { a: UNIT('1'), b: UNIT('2') } })).toMatchObject(
    {
      ...{ version: 1, is_replay: true },
    },
  );
  await cards.put({ owner: own, prices: { b: UNIT('3') } });
  const later = '2026-12-01T00:00:00Z';
  await cards.put({ owner: own, prices: { b: UNIT('4') }, effective_at: later });
  expect(await cards.read(own)).toEqual({
    ...{ version: '1.1', prices: { a: UNIT('1'), b: UNIT('3') }, overrides: ['b'] },
    next_effective_at: '2026-12-01T00:00:00.000Z',
  });
  nowMs = Date.parse(later);
  expect(await cards.read(own)).toMatchObject({ version: '1.2', prices: { b: UNIT('4') } });
  nowMs = NOW;
  for (const [wrong, param] of [
    [{ prices: { a: UNIT('-1') } }, 'prices.a.unit_config.unit_amount'],
    [{ prices: { a: { ...UNIT('1'), currency: 'XXX' } } }, 'prices.a.currency'],
    [{ prices: [] as never }, 'prices'],
    [{ prices: {}, effective_at: '2026-11-30T11:59:59Z' }, 'effective_at'],
    [{ prices: {}, effective_at: 'soon' }, 'effective_at'],
  ] as const) {
    await expect(cards.put({ owner: own, ...wrong })).rejects.toMatchObject({ param });
  }
  expect(await cards.read(own)).toMatchObject({ version: '1.1' });
  await expect(cards.read({ organization_id: 'org_none' })).rejects.toMatchObject({
    code: 'not_found',
  });
});
