// Goal: the ledger says why a balance fell: what was spent, what was taken back, and what only expired; and it reports
// the charge that comes while a balance is low for another reason. Method: as blocks.itest.ts, on a real PostgreSQL.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { WalletMovementsView } from '@orbit/contracts';
import { micros, parseAmount, type Micros } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ChangeBlock } from '../blocks/application/change-block.js';
import { ChangeWallet } from '../books/application/change-wallet.js';
import { CorrectWallet } from './application/correct-wallet.js';
import type { HotBalancesPort, LedgerEvent, WalletKey } from '../books/application/ports.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { ReadBlocks } from '../blocks/application/read-blocks.js';
import { ReadMovements } from './application/read-movements.js';
import { SetPolicies } from './application/set-policies.js';
import { closeDispute, openDispute, type DisputeFact } from '../payments/domain/dispute.js';
import { completeRefund } from '../payments/domain/refund.js';
import type { PaymentContext } from '../payments/domain/clawbacks.js';
import type { WalletDraft } from '../books/domain/wallet-draft.js';
import type { ChangeOutcome } from '../books/domain/wallet.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresBlockReader } from '../blocks/adapters/postgres-block-reader.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresMovements } from './adapters/postgres-movements.js';
import { PostgresWalletReader } from './adapters/postgres-wallet-reader.js';
import { noLoads } from '../hot-balances/trusting-loads.fake.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.now();
let nowMs = START_MS;
const clock = { nowMs: () => nowMs };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let post: PostBatch;
let change: ChangeWallet;
let blocks: ChangeBlock;
let correct: CorrectWallet;
let policies: SetPolicies;
let readBlocks: ReadBlocks;
let movements: ReadMovements;
const published: LedgerEvent[] = [];
const hotBalances: HotBalancesPort = {
  claim: (requests) =>
    Promise.resolve(
      requests.map(({ charges }) => ({
        granted: new Set(charges.map(({ chargeId }) => chargeId)),
        held: new Set<string>(),
      })),
    ),
  confirm: () => Promise.resolve(),
};

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  const publish = (batch: readonly LedgerEvent[]): Promise<void> => {
    published.push(...batch);
    return Promise.resolve();
  };
  const wallets = new PostgresWalletReader(pool);
  const blockReader = new PostgresBlockReader(pool);
  const replies = { send: () => Promise.resolve() };
  post = new PostBatch(
    new PostgresLedgerStore(pool),
    hotBalances,
    { publish },
    replies,
    clock,
    LEDGER_RULES,
  );
  change = new ChangeWallet(post, wallets, noLoads, clock);
  const availableOf = () => Promise.resolve(null);
  blocks = new ChangeBlock(change, blockReader, clock, { availableOf });
  correct = new CorrectWallet(change, wallets, blockReader);
  policies = new SetPolicies(change, wallets, clock);
  readBlocks = new ReadBlocks(wallets, blockReader, clock);
  movements = new ReadMovements(wallets, new PostgresMovements(pool), clock);
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  nowMs = START_MS;
  published.length = 0;
});

const usd = (text: string): Micros => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};
const asked = (reference: string) => ({ reference, reason: 'agreed on the phone' });
const tell = (topic: string) => published.filter((event) => event.topic === topic);

/** A wallet with a top-up of that amount, low below 10. */
async function wallet(amount: string): Promise<WalletKey> {
  const key: WalletKey = { organizationId: uniqueId('org'), currency: 'USD' };
  await blocks.grant(key, {
    ...{
      reference: 'grant:first',
      amountMicros: usd('0.000001'),
      kind: 'promotional',
      priority: 9,
    },
    ...{ effectiveAtMs: null, expiresAtMs: null, metadata: {} },
  });
  await topUp(key, amount, 'topup:tu_1');
  await policies.run(key, { lowBalanceMicros: usd('10') });
  return key;
}

const topUp = (key: WalletKey, amount: string, reference: string) =>
  post.run(
    [
      {
        kind: 'credit',
        key,
        credit: {
          ...{ type: 'topup', reference, amountMicros: usd(amount), kind: 'paid', priority: 0 },
          ...{ effectiveAtMs: null, expiresAtMs: null, occurredAtMs: nowMs, metadata: {} },
        },
      },
    ],
    'p1',
  );

const grant = async (
  key: WalletKey,
  amount: string,
  expiresAtMs: number | null,
): Promise<string> => {
  await blocks.grant(key, {
    ...{ reference: `grant:${uniqueId()}`, amountMicros: usd(amount), kind: 'promotional' },
    ...{ priority: 5, effectiveAtMs: null, expiresAtMs, metadata: {} },
  });
  const { blocks: all } = await readBlocks.listAll(key, 1);
  return all[0]?.id ?? '';
};

const spend = async (key: WalletKey, amount: string) => {
  const [result] = await post.run(
    [
      {
        kind: 'charge',
        key,
        replyTo: null,
        charge: {
          ...{ chargeId: uniqueId('c'), amountMicros: usd(amount), channel: 'sms', quantity: 1 },
          ...{ metadata: {}, occurredAtMs: nowMs, isAuthorized: true, leaseId: null },
        },
      },
    ],
    'p0',
  );
  expect(result?.status).toBe('booked');
};

const onPayment = (
  key: WalletKey,
  claim: string,
  apply: (draft: WalletDraft, context: PaymentContext) => ChangeOutcome,
) =>
  change.change({
    kind: 'change',
    key,
    reference: null,
    reads: {
      references: [
        'topup:tu_1',
        ...[claim, claim.replace('dispute:', 'dispute_fee:')].flatMap((one) => [
          `stripe:${one}`,
          `stripe_end:${one}`,
        ]),
      ],
      escrows: [claim],
      payments: ['topup:tu_1'],
    },
    apply,
  });

const seen = async (key: WalletKey, afterSequence = 0n): Promise<WalletMovementsView> => {
  const view = await movements.read(key, {
    ...{ thresholdMicros: usd('10'), afterSequence, fromMs: 0 },
  });
  if (view === null) throw new Error('there is no such wallet');
  return view;
};

test('a charge that leaves the balance below the threshold is found, until the balance rises over it again', async () => {
  const key = await wallet('100');
  expect(await seen(key)).toMatchObject({ spent_sequence: null, taken: null });
  await spend(key, '80');
  expect(await seen(key)).toMatchObject({ spent_sequence: null, balance: '20.000001' });
  await spend(key, '15');
  const { sequence } = await seen(key);
  expect(await seen(key)).toMatchObject({ spent_sequence: sequence, taken: null });
  expect(tell('balance.low')).toHaveLength(1);
  await topUp(key, '50', 'topup:tu_2');
  expect(await seen(key)).toMatchObject({ spent_sequence: null, balance: '55.000001' });
  expect(tell('credit.taken_back')).toEqual([]);
  expect(await movements.read({ ...key, currency: 'EUR' }, { ...QUERY })).toBeNull();
});

const QUERY = { thresholdMicros: micros(0n), afterSequence: 0n, fromMs: 0 };

test('credit that expires is neither spent nor taken back; the next charge is reported as low, once', async () => {
  const key = await wallet('5');
  await grant(key, '20', nowMs + HOUR_MS);
  published.length = 0;
  nowMs += HOUR_MS;
  await change.sweepExpired(100);
  expect(tell('balance.low')).toHaveLength(1);
  expect(await seen(key)).toMatchObject({ balance: '5.000001', spent_sequence: null, taken: null });
  await spend(key, '0.01');
  await spend(key, '0.01');
  expect(tell('balance.low')).toHaveLength(2);
  expect(tell('credit.taken_back')).toEqual([]);
  expect((await seen(key)).spent_sequence).not.toBeNull();
});

test('a charge after credit expired and before it is booked as breakage counts as one that came after it', async () => {
  const key = await wallet('5');
  await grant(key, '20', nowMs + HOUR_MS);
  nowMs += HOUR_MS + 5_000;
  await spend(key, '0.01');
  expect(await seen(key)).toMatchObject({ balance: '4.990001', spent_sequence: null });
  nowMs += 5_000;
  await change.sweepExpired(100);
  expect(await seen(key)).toMatchObject({ balance: '4.990001', taken: null });
  expect((await seen(key)).spent_sequence).not.toBeNull();
  // One before it expired does not.
  const other = await wallet('5');
  await grant(other, '20', nowMs + HOUR_MS);
  await spend(other, '0.01');
  nowMs += HOUR_MS;
  await change.sweepExpired(100);
  expect(await seen(other)).toMatchObject({ balance: '4.990001', spent_sequence: null });
});

test('a void, an amendment and a negative adjustment are taken back, told once each and found after their place', async () => {
  const key = await wallet('100');
  const block = await grant(key, '30', null);
  const { sequence } = await seen(key);
  const { organizationId } = key;
  await blocks.amend({ organizationId, blockId: block, ...asked('amend-1') }, usd('20'));
  const amended = await seen(key);
  expect(amended.taken).toMatchObject({ reason: 'amendment' });
  await blocks.void({ organizationId, blockId: block, ...asked('void-1') });
  const voided = await seen(key, BigInt(amended.sequence));
  expect(voided.taken).toMatchObject({ reason: 'void' });
  const adjustment = { amountMicros: micros(-usd('95')), allowsNegative: false };
  await correct.adjust(key, { ...adjustment, ...asked('adjust-1') });
  await correct.adjust(key, { ...adjustment, ...asked('adjust-1') });
  const adjusted = await seen(key, BigInt(voided.sequence));
  expect(adjusted).toMatchObject({ spent_sequence: null, taken: { reason: 'adjustment' } });
  expect((await seen(key, BigInt(adjusted.sequence))).taken).toBeNull();
  // The earliest after a place; what comes in takes nothing.
  expect((await seen(key, BigInt(sequence))).taken).toMatchObject({ reason: 'amendment' });
  await correct.adjust(key, {
    ...{ amountMicros: usd('1'), allowsNegative: false },
    ...asked('adjust-2'),
  });
  expect((await seen(key, BigInt(adjusted.sequence))).taken).toBeNull();
  const told = new Map(tell('credit.taken_back').map(({ id, value }) => [id, value]));
  expect([...told.values()]).toMatchObject([
    { reason: 'amendment', amount: '10.00', currency: 'USD' },
    { reason: 'void', amount: '20.00' },
    { reason: 'adjustment', amount: '95.00', balance: '5.000001' },
  ]);
  expect(new Set(tell('balance.low').map(({ id }) => id)).size).toBe(1);
});

test('a refund is taken back, and so is a dispute when it opens and when it is lost; one that is won takes nothing', async () => {
  const refunded = await wallet('100');
  const refund = { refundId: 'ref_1', topUpId: 'tu_1', amountMicros: usd('100'), facts: {} };
  await onPayment(refunded, 'refund:ref_1', (draft, context) =>
    completeRefund(draft, refund, context),
  );
  expect((await seen(refunded)).taken).toMatchObject({ reason: 'refund' });
  expect(await seen(refunded)).toMatchObject({ balance: '0.000001', spent_sequence: null });
  for (const isWon of [true, false]) {
    const key = await wallet('100');
    await spend(key, '30');
    const fact: DisputeFact = {
      ...{ disputeId: 'dp_1', topUpId: 'tu_1', amountMicros: usd('100') },
      ...{ feeMicros: usd('15'), facts: {} },
    };
    await onPayment(key, 'dispute:dp_1', (draft, context) => openDispute(draft, fact, context));
    const opened = await seen(key);
    expect(opened).toMatchObject({ balance: '70.000001', taken: { reason: 'dispute' } });
    published.length = 0;
    await onPayment(key, 'dispute:dp_1', (draft, context) =>
      closeDispute(
        draft,
        { ...fact, isWon, feeMicros: isWon ? micros(0n) : fact.feeMicros },
        context,
      ),
    );
    const closed = await seen(key, BigInt(opened.sequence));
    expect(closed.balance).toBe(isWon ? '70.000001' : '-29.999999');
    expect(closed.taken).toEqual(isWon ? null : expect.objectContaining({ reason: 'dispute' }));
    expect(closed.spent_sequence).toBeNull();
    // Below what the overdraft allows, which is nothing.
    expect(tell('balance.overdrawn').map(({ value }) => value)).toMatchObject(
      isWon ? [] : [{ balance: '-29.999999', threshold: '0.00' }],
    );
    expect(tell('credit.taken_back')).toHaveLength(isWon ? 0 : 1);
  }
});

test('what fell below the overdraft is told once per crossing, and not what the overdraft allows', async () => {
  const key = await wallet('5');
  await policies.run(key, { overdraftMicros: usd('20') });
  await spend(key, '20');
  expect(tell('balance.overdrawn')).toEqual([]);
  await spend(key, '50000');
  await spend(key, '1');
  expect(tell('balance.overdrawn').map(({ value }) => value)).toMatchObject([
    { balance: '-50014.999999', threshold: '-20.00' },
  ]);
});

test('a threshold that is named while the balance is low is told now, and once more at the next charge', async () => {
  const key = await wallet('100');
  await spend(key, '95');
  published.length = 0;
  await policies.run(key, { lowBalanceMicros: usd('10') });
  await spend(key, '0.01');
  await spend(key, '0.01');
  expect(tell('balance.low')).toHaveLength(2);
});
