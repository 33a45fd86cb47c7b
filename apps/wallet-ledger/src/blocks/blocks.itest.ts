// Goal: blocks, corrections, policies on a real PostgreSQL: booked, read, repeated. Redis is its port's simplest fake.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { micros, parseAmount, type Currency, type Micros } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ChangeBlock } from './application/change-block.js';
import { ChangeWallet } from '../books/application/change-wallet.js';
import type { CommandResult, LedgerCommand } from '../books/application/commands.js';
import { CorrectWallet } from '../wallets/application/correct-wallet.js';
import type {
  ClaimResult,
  ClaimRequest,
  HotBalancesPort,
  HotLoads,
  LedgerEvent,
  WalletKey,
} from '../books/application/ports.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { ReadBlocks } from './application/read-blocks.js';
import { ReadWallet } from '../wallets/application/read-wallet.js';
import { SetPolicies } from '../wallets/application/set-policies.js';
import {
  closeLease,
  finishLease,
  openLease,
  type LeaseContext,
  type LeaseOutcome,
} from '../leases/domain/lease.js';
import type { Credit } from '../books/domain/wallet.js';
import type { WalletDraft } from '../books/domain/wallet-draft.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresBlockReader } from './adapters/postgres-block-reader.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { noLoads } from '../hot-balances/trusting-loads.fake.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.now();
let nowMs = START_MS;
const clock = { nowMs: () => nowMs };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
const published: LedgerEvent[] = [];
const hotBalances: HotBalancesPort & HotLoads = {
  permit: () => Promise.resolve(null),
  load: () => Promise.resolve(false),
  claim: (requests) => Promise.resolve(requests.map(grantInOrder)),
  confirm: () => Promise.resolve(),
};
function grantInOrder({ wallet, charges }: ClaimRequest): ClaimResult {
  let left = wallet.postedMicros + wallet.overdraftMicros - wallet.escrowedMicros;
  const granted = charges.filter(({ amountMicros }) => {
    if (amountMicros > left) return false;
    left = micros(left - amountMicros);
    return true;
  });
  return { granted: new Set(granted.map(({ chargeId }) => chargeId)), held: new Set() };
}

let post: PostBatch;
let change: ChangeWallet;
let blocks: ChangeBlock;
let correct: CorrectWallet;
let policies: SetPolicies;
let readBlocks: ReadBlocks;
let readWallet: ReadWallet;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  const publish = (batch: readonly LedgerEvent[]): Promise<void> => {
    published.push(...batch);
    return Promise.resolve();
  };
  const replies = { send: () => Promise.resolve() };
  const wallets = new PostgresWalletReader(pool);
  const blockReader = new PostgresBlockReader(pool);
  const store = new PostgresLedgerStore(pool);
  post = new PostBatch(store, hotBalances, { publish }, replies, clock, LEDGER_RULES);
  change = new ChangeWallet(post, wallets, noLoads, clock);
  blocks = new ChangeBlock(change, blockReader, clock, {
    availableOf: () => Promise.resolve(null),
  });
  correct = new CorrectWallet(change, wallets, blockReader);
  policies = new SetPolicies(change, wallets, clock);
  readBlocks = new ReadBlocks(wallets, blockReader, clock);
  readWallet = new ReadWallet(wallets, clock);
});
afterAll(async () => {
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
const newKey = (currency: Currency = 'USD'): WalletKey => ({
  organizationId: uniqueId('org'),
  currency,
});
type Grant = Omit<Credit, 'type' | 'occurredAtMs'>;
const grant = async (
  key: WalletKey,
  reference: string,
  amount: string,
  changes: Partial<Grant> = {},
): Promise<string> => {
  await blocks.grant(key, {
    reference,
    amountMicros: usd(amount),
    kind: 'paid',
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    metadata: {},
    ...changes,
  });
  const { blocks: all } = await readBlocks.listAll(key, 1);
  return all[0]?.id ?? '';
};
const charge = (key: WalletKey, chargeId: string, amount: string, atMs = nowMs): LedgerCommand => ({
  kind: 'charge',
  key,
  replyTo: null,
  charge: {
    chargeId,
    amountMicros: usd(amount),
    channel: 'sms',
    quantity: 1,
    metadata: {},
    occurredAtMs: atMs,
    isAuthorized: false,
    leaseId: null,
  },
});
const spend = async (
  key: WalletKey,
  chargeId: string,
  amount: string,
  atMs = nowMs,
): Promise<CommandResult['status'] | undefined> => {
  const [result] = await post.run([charge(key, chargeId, amount, atMs)], 'p0');
  return result?.status;
};
const balance = async (key: WalletKey): Promise<string | undefined> =>
  (await readWallet.read(key))?.balance;
const remains = async (key: WalletKey): Promise<string[]> =>
  (await readBlocks.listAll(key, 50)).blocks
    .map(({ state, remaining, expired }) => `${state} ${remaining} (${expired})`)
    .reverse();
const audited = async (): Promise<void> => {
  const findings = await auditLedger(pool);
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
};
const asked = (reference: string) => ({ reference, reason: 'agreed on the phone' });

test('the first grant in a custom unit opens its wallet; blocks of each are listed by themselves', async () => {
  const key = newKey('credits' as Currency);
  await grant(key, 'g1', '1000', { kind: 'promotional', costBasisMicros: 10_000n });
  await grant({ ...key, currency: 'USD' }, 'g1', '5');
  const { blocks: listed } = await readBlocks.listOpen(key, 10);
  expect(listed).toMatchObject([
    { currency: 'credits', amount: '1000', cost_basis: '0.01', state: 'active' },
  ]);
  expect(await balance(key)).toBe('1000');
  expect(await spend(key, 'c1', '3')).toBe('booked');
  expect(await balance({ ...key, currency: 'USD' })).toBe('5.00');
  await audited();
});

test.each([
  ['USD', '500.00', '0.25', '499.75'],
  ['JPY', '500', '1', '499'],
  ['KWD', '500.000', '0.0005', '499.9995'],
  ['credits', '500', '0.5', '499.5'],
])(
  '%s is written one way in blocks, transactions, wallet, policies and events',
  async (currency, whole, part, rest) => {
    const key = newKey(currency as Currency);
    await grant(key, 'g1', '500');
    expect(await spend(key, 'c1', part)).toBe('booked');
    expect(await readBlocks.listOpen(key, 1)).toMatchObject({
      blocks: [{ amount: whole, remaining: rest }],
    });
    const { transactions } = await readWallet.listTransactions({
      organization_id: key.organizationId,
      currency,
      limit: 2,
    });
    expect(transactions).toMatchObject([
      { amount: `-${part}`, balance_after: rest },
      { amount: whole, balance_after: whole },
    ]);
    expect(await balance(key)).toBe(rest);
    const told = await policies.run(key, { lowBalanceMicros: usd('500') });
    expect(told).toMatchObject({ low_balance_threshold: whole });
    expect(published.map(({ value }) => value)).toMatchObject([
      { balance: whole, threshold: null },
      { amount: part, balance_after: rest, entries: [{ amount: `-${part}`, balance_after: rest }] },
      { balance: rest, threshold: whole },
    ]);
    await audited();
  },
);

test('what is taken of a top-up’s block is told, again under the same id by a repeat', async () => {
  const key = newKey();
  await change.open(key, null);
  const shared = {
    kind: 'paid',
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    metadata: {},
  };
  const topup = { type: 'topup', reference: 'topup:tu_1', amountMicros: usd('50') };
  const credit = { ...shared, ...topup, occurredAtMs: nowMs } as Credit;
  await post.run([{ kind: 'credit', key, credit }], 'p0');
  const blockId = (await readBlocks.listAll(key, 1)).blocks[0]?.id ?? '';
  const request = { organizationId: key.organizationId, blockId, ...asked('less') };
  for (let i = 0; i < 2; i++) await blocks.amend(request, usd('40'));
  const told = published.filter(({ topic }) => topic === 'credit.withdrawn');
  expect(told).toMatchObject([{ value: { topup_id: 'tu_1', amount: '10.00' } }, told[0]]);
  await audited();
});

test('blocks are listed in the order of spending, with their states; all of them newest first, in pages', async () => {
  const key = newKey();
  await grant(key, 'never', '50');
  await grant(key, 'soon', '20', { expiresAtMs: nowMs + 30 * DAY_MS });
  await grant(key, 'promo', '10', { kind: 'promotional', expiresAtMs: nowMs + 30 * DAY_MS });
  await grant(key, 'last', '5', { priority: 9 });
  await grant(key, 'later', '7', { effectiveAtMs: nowMs + DAY_MS });
  await spend(key, 'c1', '30');
  const open = await readBlocks.listOpen(key, 10);
  expect(open.blocks.map(({ state, amount }) => `${state} ${amount}`)).toEqual([
    'active 50.00',
    'active 5.00',
    'scheduled 7.00',
  ]);
  const first = await readBlocks.listAll(key, 3);
  expect(first.has_more).toBe(true);
  const rest = await readBlocks.listAll(key, 3, first.blocks.at(-1)?.id);
  expect([...first.blocks, ...rest.blocks].map(({ state }) => state)).toEqual([
    'scheduled',
    'active',
    'depleted',
    'depleted',
    'active',
  ]);
  expect(rest.has_more).toBe(false);
  for (const cursor of ['x', 'ct_1_1', 'blk_zzzz_1', `${String(first.blocks[0]?.id)}zzz`])
    await expect(readBlocks.listAll(key, 3, cursor)).rejects.toMatchObject({ param: 'cursor' });
  await audited();
});

test('T12 T16 a charge of 25 takes A10 and B15; reversed after A lapsed, B has 20 again and A is breakage', async () => {
  const key = newKey();
  await grant(key, 'A', '10', { kind: 'promotional', expiresAtMs: nowMs + 5 * DAY_MS });
  await grant(key, 'B', '20', { expiresAtMs: nowMs + 26 * DAY_MS });
  await grant(key, 'C', '50');
  await spend(key, 'c1', '25');
  nowMs += 15 * DAY_MS;
  const reversal = { chargeId: 'c1', amountMicros: null, extendToMs: null, ...asked('r1') };
  const booked = await correct.reverse(key.organizationId, reversal);
  expect(booked.transactions.map(({ type, amount }) => `${type} ${amount}`)).toEqual([
    'reversal 15.00',
    'reversal 10.00',
    'expiry -10.00',
  ]);
  expect(await remains(key)).toEqual([
    'expired 0.00 (10.00)',
    'active 20.00 (0.00)',
    'active 50.00 (0.00)',
  ]);
  expect(await correct.reverse(key.organizationId, reversal)).toEqual({
    ...booked,
    replayed: true,
  });
  const other = { ...reversal, amountMicros: usd('1') };
  await expect(correct.reverse(key.organizationId, other)).rejects.toMatchObject({
    code: 'idempotency_key_conflict',
  });
  await expect(
    correct.reverse(key.organizationId, { ...reversal, reference: 'r2' }),
  ).rejects.toMatchObject({ code: 'invalid_field', param: 'amount' });
  await expect(
    correct.reverse(key.organizationId, { ...reversal, chargeId: 'nobody' }),
  ).rejects.toMatchObject({ code: 'not_found' });
  expect(await balance(key)).toBe('70.00');
  await audited();
});

test('T14 the read excludes a lapsed lot at once; the sweep books breakage and the read stays the same', async () => {
  const key = newKey();
  await grant(key, 'A', '10', { expiresAtMs: nowMs + HOUR_MS });
  await grant(key, 'B', '5');
  nowMs += HOUR_MS - 1;
  expect(await balance(key)).toBe('15.00');
  nowMs += 1;
  expect(await balance(key)).toBe('5.00');
  await change.sweepExpired(100);
  await change.sweepExpired(100);
  expect(await balance(key)).toBe('5.00');
  expect(await remains(key)).toEqual(['expired 0.00 (10.00)', 'active 5.00 (0.00)']);
  await audited();
});

test('T15 usage that arrives 25 h after the lapse draws on the lot through a reopen entry, after 48 h on the next one', async () => {
  const key = newKey();
  const expiresAtMs = nowMs + HOUR_MS;
  await grant(key, 'A', '10', { expiresAtMs });
  await grant(key, 'B', '5');
  nowMs = expiresAtMs + 1;
  await change.sweepExpired(100);
  nowMs = expiresAtMs + 25 * HOUR_MS;
  const inTime = expiresAtMs - 1;
  // Together they pass what Redis has room for: 5. Lapsed credit pays the first whole and the second in part.
  const results = await post.run(
    [
      charge(key, 'c1', '8', inTime),
      charge(key, 'c2', '6', inTime),
      charge(key, 'c3', '2', inTime),
    ],
    'p0',
  );
  expect(results.map(({ status }) => status)).toEqual(['booked', 'booked', 'rejected']);
  const page = await readWallet.listTransactions({
    organization_id: key.organizationId,
    currency: 'USD',
    limit: 5,
  });
  expect(page.transactions.map(({ type, amount }) => `${type} ${amount}`)).toEqual([
    'spend -4.00',
    'spend -2.00',
    'reopen 2.00',
    'spend -8.00',
    'reopen 8.00',
  ]);
  expect(await readWallet.readCharge(key.organizationId, 'c2')).toMatchObject({ amount: '6.00' });
  const again = await post.run([charge(key, 'c1', '8', inTime)], 'p0');
  expect(again).toMatchObject([{ status: 'booked', isReplay: true }]);
  nowMs = expiresAtMs + 48 * HOUR_MS + 1;
  await grant(key, 'C', '3');
  expect(await spend(key, 'c4', '1', inTime)).toBe('booked');
  expect(await remains(key)).toEqual([
    'depleted 0.00 (0.00)',
    'depleted 0.00 (0.00)',
    'active 3.00 (0.00)',
  ]);
  await audited();
});

test('extend, amend and void are entries, once per reference; what lapsed comes back with an extension', async () => {
  const key = newKey();
  const id = await grant(key, 'A', '10', { expiresAtMs: nowMs + HOUR_MS });
  const at = (reference: string) => ({
    organizationId: key.organizationId,
    blockId: id,
    ...asked(reference),
  });
  await spend(key, 'c1', '4');
  nowMs += 2 * HOUR_MS;
  await change.sweepExpired(100);
  const untilMs = nowMs + DAY_MS;
  const extended = await blocks.extend(at('e1'), untilMs, false);
  expect(extended.transactions.map(({ type, amount }) => `${type} ${amount}`)).toEqual([
    'reopen 6.00',
    'extension 0.00',
  ]);
  expect(await blocks.extend(at('e1'), untilMs, false)).toEqual({ ...extended, replayed: true });
  await expect(blocks.extend(at('e1'), untilMs + 1, false)).rejects.toMatchObject({
    code: 'idempotency_key_conflict',
  });
  await blocks.amend(at('a1'), usd('30'));
  expect(await balance(key)).toBe('26.00');
  await expect(blocks.amend(at('a2'), usd('3.99'))).rejects.toMatchObject({ param: 'amount' });
  await blocks.amend(at('a3'), usd('4.5'));
  expect(await balance(key)).toBe('0.50');
  await blocks.void(at('v1'));
  expect((await blocks.void(at('v1'))).replayed).toBe(true);
  await expect(blocks.void(at('v2'))).rejects.toMatchObject({ code: 'conflict' });
  expect(await remains(key)).toEqual(['voided 0.00 (0.00)']);
  await expect(blocks.void({ ...at('v3'), organizationId: 'org_other' })).rejects.toMatchObject({
    code: 'not_found',
  });
  await audited();
});

test('a grant whose end is over is refused; its repeat after the end is answered', async () => {
  const key = newKey();
  const expiresAtMs = nowMs + HOUR_MS;
  await grant(key, 'A', '10', { expiresAtMs });
  nowMs = expiresAtMs;
  await expect(grant(key, 'B', '10', { expiresAtMs })).rejects.toMatchObject({
    param: 'expires_at',
  });
  await grant(key, 'A', '10', { expiresAtMs });
  await expect(grant(key, 'A', '11', { expiresAtMs })).rejects.toMatchObject({
    code: 'idempotency_key_conflict',
  });
  await audited();
});

test('adjustments carry their reason, are booked once, and take no more than is there unless debt is allowed', async () => {
  const key = newKey();
  await grant(key, 'A', '10');
  const more = { amountMicros: usd('2.5'), allowsNegative: false, ...asked('inc-1') };
  const booked = await correct.adjust(key, more);
  expect(booked.transactions).toMatchObject([
    { type: 'adjustment', amount: '2.50', metadata: { reason: 'agreed on the phone' } },
  ]);
  expect((await correct.adjust(key, more)).replayed).toBe(true);
  await expect(correct.adjust(key, { ...more, amountMicros: usd('3') })).rejects.toMatchObject({
    code: 'idempotency_key_conflict',
  });
  const less = { amountMicros: usd('-13'), allowsNegative: false, ...asked('inc-2') };
  await expect(correct.adjust(key, less)).rejects.toMatchObject({ code: 'insufficient_funds' });
  await correct.adjust(key, { ...less, allowsNegative: true });
  expect(await balance(key)).toBe('-0.50');
  await audited();
});

test('debt that a grant repaid comes back to that grant when the charge is reversed', async () => {
  const key = newKey();
  await grant(key, 'A', '1');
  const held = charge(key, 'c1', '4');
  if (held.kind !== 'charge') throw new Error('a charge');
  await post.run([{ ...held, charge: { ...held.charge, isAuthorized: true } }], 'p0');
  await grant(key, 'B', '3');
  await grant(key, 'C', '5');
  const reversal = { chargeId: 'c1', amountMicros: null, extendToMs: null, ...asked('r1') };
  await correct.reverse(key.organizationId, reversal);
  expect(await remains(key)).toEqual([
    'active 1.00 (0.00)',
    'active 3.00 (0.00)',
    'active 5.00 (0.00)',
  ]);
  await audited();
});

test('a raised threshold above the balance tells balance.low once, under an id that a repeat shares', async () => {
  const key = newKey();
  await grant(key, 'A', '10');
  published.length = 0;
  const view = await policies.run(key, { lowBalanceMicros: usd('20'), outagePolicy: 'open' });
  expect(view).toMatchObject({ low_balance_threshold: '20.00', outage_policy: 'open' });
  await policies.run(key, { lowBalanceMicros: usd('20') });
  await policies.run(key, { overdraftMicros: usd('1') });
  expect(published.map(({ topic }) => topic)).toEqual(['balance.low', 'balance.low']);
  expect(new Set(published.map(({ id }) => id)).size).toBe(1);
  expect(published[0]?.value).toMatchObject({ balance: '10.00', threshold: '20.00' });
  await expect(policies.run(newKey(), {})).rejects.toMatchObject({ code: 'not_found' });
  expect(await policies.read(key)).toMatchObject({ overdraft_limit: '1.00' });
  await audited();
});

test('the sweep takes wallets with something to book, and what an escrow gave back of a voided block', async () => {
  const key = newKey();
  const id = await grant(key, 'A', '10');
  const leaseId = `lease_${key.organizationId}`;
  const request = {
    leaseId,
    reference: 'lease:1',
    amountMicros: usd('4'),
    ttlMs: DAY_MS,
    holder: null,
  };
  const onLease = (step: (draft: WalletDraft, context: LeaseContext) => LeaseOutcome) =>
    change.change({
      kind: 'change',
      key,
      reference: null,
      reads: {},
      apply: (draft, context) => step(draft, { ...context, isGranted: true }),
    });
  const isListed = async (): Promise<boolean> =>
    (await new PostgresWalletReader(pool).listExpired(nowMs, 1_000)).some(
      ({ organizationId }) => organizationId === key.organizationId,
    );
  await onLease((draft, context) => openLease(draft, request, context));
  await blocks.void({ organizationId: key.organizationId, blockId: id, ...asked('v') });
  expect(await remains(key)).toEqual(['voided 4.00 (0.00)']);
  expect(await isListed()).toBe(false);
  await onLease((draft, context) => closeLease(draft, leaseId, context));
  await onLease((draft, context) => finishLease(draft, leaseId, context));
  expect(await isListed()).toBe(true);
  await change.sweepExpired(1_000);
  expect([await isListed(), await balance(key)]).toEqual([false, '0.00']);
  expect(await remains(key)).toEqual(['voided 0.00 (0.00)']);
  await audited();
});
