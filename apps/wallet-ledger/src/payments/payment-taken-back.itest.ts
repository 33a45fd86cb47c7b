// Goal: one payment is taken back once, by an operator, a refund or a dispute, whoever comes first: the rules of
// domain/taken-back.ts with what PostgreSQL reads and keeps. Method: the application's own commands on a real
// PostgreSQL, a fresh ledger for each step, as after a restart; the audit of the books after all of it.
import { formatAmount, micros, parseAmount, type Micros } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ChangeBlock } from '../blocks/application/change-block.js';
import { ChangeWallet } from '../books/application/change-wallet.js';
import {
  beginRefundCommand,
  closeDisputeCommand,
  completeRefundCommand,
  failRefundCommand,
  openDisputeCommand,
  ReserveRefund,
} from './application/clawback-commands.js';
import type { LedgerCommand } from '../books/application/commands.js';
import { CorrectWallet } from '../wallets/application/correct-wallet.js';
import type {
  ClaimResult,
  ClaimRequest,
  HotBalancesPort,
  WalletKey,
} from '../books/application/ports.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { ReadPaymentEntries } from './application/read-payment-entries.js';
import { ReadWallet } from '../wallets/application/read-wallet.js';
import { blockId } from '../books/domain/identifiers.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresBlockReader } from '../blocks/adapters/postgres-block-reader.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresPaymentEntries } from './adapters/postgres-payment-entries.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { noLoads } from '../hot-balances/trusting-loads.fake.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let aheadMs = 0;
const clock = { nowMs: () => Date.now() + aheadMs };

/** Redis as simply as it can be: what is posted and not set aside can be claimed. */
const hotBalances: HotBalancesPort = {
  claim: (requests) => Promise.resolve(requests.map(grantInOrder)),
  confirm: () => Promise.resolve(),
};
function grantInOrder({ wallet, charges }: ClaimRequest): ClaimResult {
  let left = wallet.postedMicros + wallet.overdraftMicros - wallet.escrowedMicros;
  const granted = charges.filter(({ amountMicros }) => {
    if (amountMicros > left) return false;
    left -= amountMicros;
    return true;
  });
  return { granted: new Set(granted.map(({ chargeId }) => chargeId)), held: new Set() };
}

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
});
afterEach(() => {
  aheadMs = 0;
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

const amountOf = (text: string): Micros => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};

/** One organization with one payment, `tu_1`. */
class Payer {
  readonly key: WalletKey;
  private readonly about = { topUpId: 'tu_1', facts: {} };

  constructor(currency = 'USD') {
    this.key = { organizationId: uniqueId('org'), currency: currency as WalletKey['currency'] };
  }

  /** Remembers nothing of the step before. */
  private get ledger() {
    const none = { publish: () => Promise.resolve(), send: () => Promise.resolve() };
    const store = new PostgresLedgerStore(pool);
    const post = new PostBatch(store, hotBalances, none, none, clock, LEDGER_RULES);
    const wallets = new PostgresWalletReader(pool);
    const reader = new PostgresBlockReader(pool);
    const change = new ChangeWallet(post, wallets, noLoads, clock);
    const free = { availableOf: () => Promise.resolve(null) };
    return {
      post,
      change,
      blocks: new ChangeBlock(change, reader, clock, free),
      correct: new CorrectWallet(change, wallets, reader),
      reserve: new ReserveRefund(change),
    };
  }

  private async run(command: LedgerCommand): Promise<void> {
    const [result] = await this.ledger.post.run([command], 'test');
    expect(result?.status).toBe('booked');
  }

  async pays(amount: string, expiresAtMs: number | null = null): Promise<this> {
    await this.ledger.change.open(this.key, null);
    const credit = {
      type: 'topup' as const,
      reference: 'topup:tu_1',
      amountMicros: amountOf(amount),
      kind: 'paid' as const,
      priority: 0,
      effectiveAtMs: null,
      expiresAtMs,
      occurredAtMs: clock.nowMs(),
      metadata: { payment_intent: 'pi_1' },
    };
    await this.run({ kind: 'credit', key: this.key, credit });
    return this;
  }

  async spends(amount: string): Promise<void> {
    const charge = {
      chargeId: uniqueId('c'),
      amountMicros: amountOf(amount),
      channel: 'sms',
      quantity: 1,
      metadata: {},
      occurredAtMs: clock.nowMs(),
      isAuthorized: false,
      leaseId: null,
    };
    await this.run({ kind: 'charge', key: this.key, charge, replyTo: null });
  }

  private async request() {
    const { rows } = await pool.query<{ wallet_no: string; sequence: string }>(
      `SELECT e.wallet_no, e.sequence FROM wallet_ledger.entry e JOIN wallet_ledger.wallet USING (wallet_no)
       WHERE organization_id = $1 AND reference = 'topup:tu_1'`,
      [this.key.organizationId],
    );
    const [row] = rows;
    if (!row) throw new Error('nothing was paid');
    return {
      organizationId: this.key.organizationId,
      blockId: blockId(BigInt(row.wallet_no), BigInt(row.sequence)),
      reference: uniqueId('op'),
      reason: 'test',
    };
  }

  async voids(): Promise<void> {
    await this.ledger.blocks.void(await this.request());
  }

  async amends(amount: string): Promise<void> {
    await this.ledger.blocks.amend(await this.request(), amountOf(amount));
  }

  async adjusts(amount: string): Promise<void> {
    const amountMicros = micros(-amountOf(amount.slice(1)));
    const request = { amountMicros, reference: uniqueId('op'), reason: 'test' };
    await this.ledger.correct.adjust(this.key, { ...request, allowsNegative: false });
  }

  reserve(amount: string | null, refundId: string) {
    const amountMicros = amount === null ? null : amountOf(amount);
    return this.ledger.reserve.run(this.key, { refundId, topUpId: 'tu_1', amountMicros });
  }

  private refund = (amount: string, refundId: string) => ({
    ...this.about,
    refundId,
    amountMicros: amountOf(amount),
  });

  begins(amount: string, id: string): Promise<void> {
    return this.run(beginRefundCommand(this.key, this.refund(amount, id)));
  }

  refunded(amount: string, id: string): Promise<void> {
    return this.run(completeRefundCommand(this.key, this.refund(amount, id)));
  }

  fails(amount: string, id: string): Promise<void> {
    return this.run(failRefundCommand(this.key, this.refund(amount, id)));
  }

  private dispute = (amount: string, fee: string) => ({
    ...this.about,
    disputeId: 'd_1',
    amountMicros: amountOf(amount),
    feeMicros: amountOf(fee),
  });

  disputed(amount: string): Promise<void> {
    return this.run(openDisputeCommand(this.key, this.dispute(amount, '15'), clock));
  }

  decided(amount: string, isWon: boolean): Promise<void> {
    const decision = { ...this.dispute(amount, isWon ? '0' : '15'), isWon };
    return this.run(closeDisputeCommand(this.key, decision, clock));
  }

  async sweep(): Promise<void> {
    await this.ledger.change.sweepExpired(100);
  }

  async standing() {
    const view = await new ReadWallet(new PostgresWalletReader(pool), clock).read(this.key);
    if (!view) throw new Error('no wallet');
    return { balance: view.balance, held: view.escrowed, paused: view.outbound_block_reason };
  }

  /** What entries leave on an account. */
  async left(account: number): Promise<string> {
    const { rows } = await pool.query<{ sum: string | null }>(
      `SELECT sum(CASE WHEN to_account = $2 THEN amount_micros ELSE -amount_micros END) AS sum
       FROM wallet_ledger.entry JOIN wallet_ledger.wallet USING (wallet_no)
       WHERE organization_id = $1 AND $2 IN (from_account, to_account)`,
      [this.key.organizationId, account],
    );
    return formatAmount(micros(BigInt(rows[0]?.sum ?? 0)), 'USD');
  }

  /** As `reconcile stripe` asks. */
  async totals(reference: string) {
    const entries = new ReadPaymentEntries(new PostgresPaymentEntries(pool));
    const { organizationId: organization_id, currency } = this.key;
    const [total] = await entries.totals([{ organization_id, currency, reference }]);
    return total && { amount: total.amount, held: total.held, at_stripe: total.at_stripe };
  }
}
const [STRIPE, ADJUSTMENTS, BREAKAGE] = [3, 11, 5];

test('50 paid, voided, then refunded in the dashboard: the balance is 0 and Stripe has nothing more', async () => {
  const payer = await new Payer().pays('50');
  await payer.voids();
  for (let n = 0; n < 3; n++) await payer.begins('50', 're_1');
  for (let n = 0; n < 3; n++) await payer.refunded('50', 're_1');
  expect(await payer.standing()).toMatchObject({ balance: '0.00', held: '0.00' });
  expect([await payer.left(STRIPE), await payer.left(ADJUSTMENTS)]).toEqual(['0.00', '0.00']);
  const booked = { amount: '-50.00', at_stripe: '-50.00' };
  expect(await payer.totals('refund:re_1')).toMatchObject(booked);
});

test('what an operator took back is offered for a refund, each cent once; the rest is refused with the maximum', async () => {
  const payer = await new Payer().pays('50');
  await payer.spends('10');
  await payer.amends('30');
  // 20 taken back, 20 in the wallet, 10 used.
  const refusal = { code: 'refund_exceeds_unspent', details: { max_refundable: '40.00' } };
  await expect(payer.reserve('40.01', 'r_1')).rejects.toMatchObject(refusal);
  expect(await payer.standing()).toEqual({ balance: '20.00', held: '0.00', paused: null });
  expect(await payer.reserve('15', 'r_1')).toMatchObject({ reserved: '15.00' });
  expect(await payer.standing()).toMatchObject({ balance: '20.00', held: '0.00' });
  expect(await payer.reserve(null, 'r_2')).toMatchObject({ reserved: '25.00' });
  expect(await payer.standing()).toMatchObject({ balance: '20.00', held: '20.00' });
  await expect(payer.reserve('0.01', 'r_3')).rejects.toMatchObject({
    details: { max_refundable: '0.00' },
  });
  await payer.refunded('25', 'r_2');
  await payer.refunded('15', 'r_1');
  expect(await payer.standing()).toMatchObject({ balance: '0.00', held: '0.00' });
  expect([await payer.left(STRIPE), await payer.left(ADJUSTMENTS)]).toEqual(['-10.00', '0.00']);
});

test('an adjustment, a void and a refund that fails: each part is taken once, and comes back where it was', async () => {
  const payer = await new Payer().pays('50');
  await payer.adjusts('-20');
  await payer.refunded('30', 're_1');
  expect(await payer.standing()).toMatchObject({ balance: '20.00' });
  await payer.voids();
  expect(await payer.standing()).toMatchObject({ balance: '0.00' });
  for (let n = 0; n < 2; n++) await payer.fails('30', 're_1');
  await payer.sweep();
  expect(await payer.standing()).toMatchObject({ balance: '0.00' });
  expect([await payer.left(STRIPE), await payer.left(ADJUSTMENTS)]).toEqual(['-50.00', '50.00']);
  await payer.refunded('50', 're_2');
  expect(await payer.standing()).toMatchObject({ balance: '0.00' });
  expect([await payer.left(STRIPE), await payer.left(ADJUSTMENTS)]).toEqual(['0.00', '0.00']);
});

test('a dispute of a voided payment pauses and is known as held; lost it makes no debt, won it gives nothing', async () => {
  for (const isWon of [true, false]) {
    const payer = await new Payer().pays('50');
    await payer.voids();
    await payer.disputed('50');
    const open = { balance: '0.00', held: '0.00', paused: 'dispute' };
    expect(await payer.standing()).toEqual(open);
    expect(await payer.totals('dispute:d_1')).toMatchObject({ held: '50.00' });
    await payer.decided('50', isWon);
    expect(await payer.standing()).toMatchObject({ balance: '0.00', held: '0.00' });
    const adjustments = isWon ? '50.00' : '0.00';
    expect([await payer.left(STRIPE), await payer.left(ADJUSTMENTS)]).toEqual([
      isWon ? '-50.00' : '15.00',
      adjustments,
    ]);
    await payer.sweep();
    expect(await payer.standing()).toMatchObject({ balance: '0.00' });
  }
});

test('credit that lapsed is no debt when its payment goes back', async () => {
  const payer = await new Payer().pays('50', clock.nowMs() + 60_000);
  await payer.spends('20');
  aheadMs = 61_000;
  await payer.sweep();
  expect(await payer.left(BREAKAGE)).toBe('30.00');
  await payer.refunded('50', 're_1');
  expect(await payer.standing()).toMatchObject({ balance: '-20.00' });
  expect(await payer.left(BREAKAGE)).toBe('0.00');
  await payer.fails('50', 're_1');
  expect(await payer.standing()).toMatchObject({ balance: '0.00' });
  expect(await payer.left(BREAKAGE)).toBe('30.00');
});

test.each(['JPY', 'KWD', 'credits'])(
  'a payment of %s is taken back once, too, to the last part of a unit',
  async (currency) => {
    const payer = await new Payer(currency).pays('500');
    await payer.spends('0.001');
    await payer.voids();
    await payer.refunded('333', 're_1');
    await payer.refunded('167', 're_2');
    expect(await payer.standing()).toMatchObject({ balance: expect.stringMatching(/^-0\.001/) });
    expect(await payer.left(STRIPE)).toBe('0.00');
  },
);
