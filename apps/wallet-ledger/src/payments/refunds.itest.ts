// Goal: refunds and disputes as checkout tells them end where docs/cases.md says, in every order of the messages and each
// of them three times. Method: the service's own consumers, handed their batches in every permutation, on a real
// PostgreSQL; Redis is the port's simplest honest implementation.
import type {
  DisputeClosed,
  DisputeOpened,
  RefundCompleted,
  RefundFailed,
  RefundPending,
  TopUpCompleted,
} from '@orbit/events';
import { systemClock } from '@orbit/kernel';
import type { EventBatch } from '@orbit/messaging';
import { micros, parseAmount, type Micros } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ChangeWallet } from '../books/application/change-wallet.js';
import { ReserveRefund } from './application/clawback-commands.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import type {
  ClaimResult,
  ClaimRequest,
  HotBalancesPort,
  LedgerEvent,
  WalletKey,
} from '../books/application/ports.js';
import { ReadWallet } from '../wallets/application/read-wallet.js';
import { DisputeEventsConsumer } from './adapters/dispute-events.consumer.js';
import { RefundEventsConsumer } from './adapters/refund-events.consumer.js';
import { TopUpCompletedConsumer } from './adapters/topup-completed.consumer.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { noLoads } from '../hot-balances/trusting-loads.fake.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let postBatch: PostBatch;
let changeWallet: ChangeWallet;
let reads: ReadWallet;
const published: LedgerEvent[] = [];

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
  const events = {
    publish: (batch: readonly LedgerEvent[]) => {
      published.push(...batch);
      return Promise.resolve();
    },
  };
  const store = new PostgresLedgerStore(pool);
  const replies = { send: () => Promise.resolve() };
  const reader = new PostgresWalletReader(pool);
  postBatch = new PostBatch(store, hotBalances, events, replies, systemClock, LEDGER_RULES);
  changeWallet = new ChangeWallet(postBatch, reader, noLoads, systemClock);
  reads = new ReadWallet(reader, systemClock);
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

/** One organization and what is said about its payment `tu_1`. */
class Payment {
  readonly key: WalletKey;
  readonly refused: string[] = [];
  private readonly about;

  constructor(readonly currency = 'USD') {
    this.key = { organizationId: uniqueId('org'), currency: currency as WalletKey['currency'] };
    this.about = {
      topup_id: 'tu_1',
      organization_id: this.key.organizationId,
      currency,
      payment_intent_id: 'pi_1',
      occurred_at: '2026-05-16T11:21:18.901Z',
    };
  }

  async open(): Promise<this> {
    await changeWallet.open(this.key, null);
    return this;
  }

  topUp(amount: string, id = 'tu_1'): Promise<void> {
    const value: TopUpCompleted = {
      ...this.about,
      topup_id: id,
      amount,
      reference: `stripe_session:cs_${id}`,
      checkout_session_id: `cs_${id}`,
      payment_method: null,
      receipt_email: null,
    };
    return new TopUpCompletedConsumer(postBatch).handle(this.batch('topup.completed', value));
  }

  refundPending(amount: string, id = 'r_1'): Promise<void> {
    const refund = { refund_id: id, amount, stripe_refund_id: `re_${id}`, reason: null };
    const value: RefundPending = { ...this.about, ...refund };
    return new RefundEventsConsumer(postBatch).pending(this.batch('refund.pending', value));
  }

  refunded(amount: string, id = 'r_1'): Promise<void> {
    const refund = { refund_id: id, amount, stripe_refund_id: `re_${id}`, reason: null };
    const value: RefundCompleted = { ...this.about, ...refund };
    return new RefundEventsConsumer(postBatch).completed(this.batch('refund.completed', value));
  }

  refundFailed(amount: string, id = 'r_1'): Promise<void> {
    const value: RefundFailed = { ...this.about, refund_id: id, amount, reason: 'lost card' };
    return new RefundEventsConsumer(postBatch).failed(this.batch('refund.failed', value));
  }

  disputed(amount: string, fee = '15.00', id = 'd_1'): Promise<void> {
    const dispute = { dispute_id: id, amount, reason: 'fraudulent', fee };
    const value: DisputeOpened = { ...this.about, ...dispute };
    return new DisputeEventsConsumer(postBatch).opened(this.batch('dispute.opened', value));
  }

  decided(amount: string, outcome: 'won' | 'lost', fee = '15.00', id = 'd_1'): Promise<void> {
    const cost = outcome === 'won' ? '0' : fee;
    const value: DisputeClosed = { ...this.about, dispute_id: id, amount, outcome, fee: cost };
    return new DisputeEventsConsumer(postBatch).closed(this.batch('dispute.closed', value));
  }

  reserve(amount: string | null, refundId = 'r_1') {
    return new ReserveRefund(changeWallet).run(this.key, {
      refundId,
      topUpId: 'tu_1',
      amountMicros: amount === null ? null : usd(amount),
    });
  }

  async spend(amount: string): Promise<string | undefined> {
    const charge = {
      chargeId: uniqueId('c'),
      amountMicros: usd(amount),
      channel: 'sms',
      quantity: 1,
      metadata: {},
      occurredAtMs: Date.now(),
      isAuthorized: false,
      leaseId: null,
    };
    const [result] = await postBatch.run(
      [{ kind: 'charge', key: this.key, charge, replyTo: null }],
      'test',
    );
    return result?.status;
  }

  async standing(): Promise<{ balance: string; held: string; paused: string | null }> {
    const view = await reads.read(this.key);
    if (!view) throw new Error('no wallet');
    return { balance: view.balance, held: view.escrowed, paused: view.outbound_block_reason };
  }

  /** What Stripe has of us, as the books say it: stripe_clearing with its sign turned. */
  async atStripe(): Promise<Micros> {
    return micros(-(await this.total(3)));
  }

  /** What all entries leave on an account. */
  async total(account: number): Promise<Micros> {
    const { rows } = await pool.query<{ sum: string | null }>(
      `SELECT sum(CASE WHEN to_account = $2 THEN amount_micros ELSE -amount_micros END) AS sum
       FROM wallet_ledger.entry JOIN wallet_ledger.wallet USING (wallet_no)
       WHERE organization_id = $1 AND $2 IN (from_account, to_account)`,
      [this.key.organizationId, account],
    );
    return micros(BigInt(rows[0]?.sum ?? 0));
  }

  async clawed(): Promise<Micros> {
    const { rows } = await pool.query<{ sum: string | null }>(
      `SELECT sum(CASE WHEN to_account = 1 THEN -amount_micros ELSE amount_micros END) AS sum
       FROM wallet_ledger.entry JOIN wallet_ledger.wallet USING (wallet_no)
       WHERE organization_id = $1 AND 1 IN (from_account, to_account)
         AND (from_account IN (6, 7) OR to_account IN (6, 7))`,
      [this.key.organizationId],
    );
    return micros(BigInt(rows[0]?.sum ?? 0));
  }

  /** What waits for its end on refunds and disputes, what the wallet cannot give, and what Stripe keeps. */
  async others(): Promise<readonly Micros[]> {
    return [await this.total(6), await this.total(7), await this.total(9), await this.total(8)];
  }

  async types(): Promise<readonly string[]> {
    const query = { organization_id: this.key.organizationId, currency: this.currency, limit: 50 };
    const { transactions } = await reads.listTransactions(query);
    return transactions.map(({ type, amount }) => `${type} ${amount}`);
  }

  told(topic: string): unknown[] {
    const { organizationId } = this.key;
    const own = published.filter((event) => event.topic === topic && event.key === organizationId);
    return [...new Map(own.map((event) => [event.id, event.value])).values()];
  }

  private batch<T>(topic: EventBatch<T>['topic'], value: T): EventBatch<T> {
    const event = { value, key: this.key.organizationId } as EventBatch<T>['events'][number];
    return {
      topic,
      partition: 0,
      events: [event],
      heartbeat: () => Promise.resolve(),
      deadLetter: (_event, reason) => void this.refused.push(reason),
    };
  }
}

type Fact = (payment: Payment) => Promise<unknown>;

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [
      item,
      ...rest,
    ]),
  );
}

/** Every order; each message three times: twice at its turn, once after all of them. */
async function inEveryOrder(facts: readonly Fact[], check: Fact, currency = 'USD'): Promise<void> {
  for (const order of permutations(facts)) {
    const payment = await new Payment(currency).open();
    for (const fact of order) {
      await fact(payment);
      await fact(payment);
    }
    for (const fact of order) await fact(payment);
    expect(payment.refused).toEqual([]);
    await check(payment);
  }
}

test('T17 at most what is unspent is refundable: 80 refused with the maximum, 75 leaves 0, a repeat nothing', async () => {
  const payment = await new Payment().open();
  await payment.topUp('100.00');
  await postBatch.run(
    [
      {
        kind: 'credit',
        key: payment.key,
        credit: {
          type: 'grant',
          reference: 'grant:bonus',
          amountMicros: usd('20'),
          kind: 'promotional',
          priority: 0,
          effectiveAtMs: null,
          expiresAtMs: null,
          occurredAtMs: Date.now(),
          metadata: {},
        },
      },
    ],
    'test',
  );
  await payment.spend('45.00');
  await expect(payment.reserve('80.00')).rejects.toMatchObject({
    code: 'refund_exceeds_unspent',
    details: { max_refundable: '75.00' },
  });
  expect(await payment.standing()).toEqual({ balance: '75.00', held: '0.00', paused: null });
  const reserved = { reserved: '75.00', max_refundable: '75.00', replayed: false };
  expect(await payment.reserve('75.00')).toMatchObject(reserved);
  expect(await payment.reserve('75.00')).toMatchObject({ reserved: '75.00', replayed: true });
  expect(await payment.spend('0.01')).toBe('rejected');
  for (let n = 0; n < 3; n++) await payment.refunded('75.00');
  expect(await payment.standing()).toMatchObject({ balance: '0.00', held: '0.00' });
  const { transactions } = await reads.listTransactions({
    organization_id: payment.key.organizationId,
    currency: 'USD',
    limit: 10,
  });
  expect(transactions.filter(({ type }) => type === 'refund')).toMatchObject([
    {
      amount: '-75.00',
      amount_minor: -7_500,
      reference: 'refund:r_1',
      metadata: { payment: 'topup:tu_1', payment_intent: 'pi_1', stripe_refund_id: 're_r_1' },
      refunded_at: null,
    },
  ]);
  const refundedAt = transactions.find(({ type }) => type === 'refund')?.created_at;
  expect(transactions.find(({ type }) => type === 'topup')?.refunded_at).toBe(refundedAt);
  expect(transactions.find(({ type }) => type === 'grant')?.refunded_at).toBeNull();
});

test('T18 won: held 100, available −30 and paused while open; then 70 and resumed, each told once', async () => {
  const payment = await new Payment().open();
  await payment.topUp('100.00');
  await payment.spend('30.00');
  await payment.disputed('100.00');
  expect(await payment.standing()).toEqual({
    balance: '70.00',
    held: '100.00',
    paused: 'dispute',
  });
  expect(await payment.spend('1.00')).toBe('rejected');
  await payment.decided('100.00', 'won');
  expect(await payment.standing()).toEqual({ balance: '70.00', held: '0.00', paused: null });
  expect(payment.told('wallet.paused').filter(isAboutDispute)).toHaveLength(1);
  expect(payment.told('wallet.resumed').filter(isAboutDispute)).toHaveLength(1);
});

test('T18 lost, in every order: −30 after 30 spent, 15 of fees, the next top-up of 50 leaves 20', async () => {
  await inEveryOrder(
    [
      (payment) => payment.topUp('100.00'),
      (payment) => payment.disputed('100.00'),
      (payment) => payment.decided('100.00', 'lost'),
      (payment) => payment.topUp('30.00', 'tu_spent'),
    ],
    async (payment) => {
      expect(await payment.standing()).toMatchObject({ balance: '30.00', held: '0.00' });
      expect(await payment.clawed()).toBe(usd('100'));
      expect(await payment.others()).toEqual([0n, 0n, 0n, usd('-15')]);
      // 100 and 30 came, 100 and a fee of 15 went.
      expect(await payment.atStripe()).toBe(usd('15'));
    },
  );
  const payment = await new Payment().open();
  await payment.topUp('100.00');
  await payment.spend('30.00');
  await payment.disputed('100.00');
  // Stripe has taken it, the wallet has it still.
  expect([await payment.atStripe(), await payment.total(7)]).toEqual([usd('-15'), usd('-100')]);
  await payment.decided('100.00', 'lost');
  // Users see what their wallet gave, and nothing of what is between Stripe and the operator.
  expect(await payment.types()).toEqual([
    ...['dispute -30.00', 'dispute -70.00', 'spend -30.00', 'topup 100.00'],
  ]);
  expect(await payment.standing()).toEqual({
    balance: '-30.00',
    held: '0.00',
    paused: 'balance_depleted',
  });
  await payment.topUp('50.00', 'tu_2');
  expect(await payment.standing()).toEqual({ balance: '20.00', held: '0.00', paused: null });
});

test('T19 won, then refunded in full, in every order: 100 in all', async () => {
  await inEveryOrder(
    [
      (payment) => payment.topUp('100.00'),
      (payment) => payment.disputed('100.00'),
      (payment) => payment.decided('100.00', 'won'),
      (payment) => payment.refunded('100.00'),
    ],
    async (payment) => {
      expect(await payment.clawed()).toBe(usd('100'));
      expect(await payment.atStripe()).toBe(0n);
      expect(await payment.others()).toEqual([0n, 0n, 0n, 0n]);
      expect(await payment.standing()).toMatchObject({ balance: '0.00', held: '0.00' });
    },
  );
});

test('T19 40 refunded and 100 disputed and lost, in every order: 100 in all, never 140, never 0', async () => {
  await inEveryOrder(
    [
      (payment) => payment.topUp('100.00'),
      (payment) => payment.refunded('40.00'),
      (payment) => payment.disputed('100.00'),
      (payment) => payment.decided('100.00', 'lost'),
    ],
    async (payment) => {
      expect(await payment.clawed()).toBe(usd('100'));
      // Stripe took 140 and a fee of 15 of the 100; 40 is nobody's to give.
      expect(await payment.atStripe()).toBe(usd('-55'));
      expect(await payment.others()).toEqual([0n, 0n, usd('-40'), usd('-15')]);
      expect(await payment.standing()).toMatchObject({ balance: '0.00', held: '0.00' });
    },
  );
});

test('a refund that began, completed and then failed, in every order, took nothing', async () => {
  await inEveryOrder(
    [
      (payment) => payment.topUp('100.00'),
      (payment) => payment.refundPending('40.00'),
      (payment) => payment.refunded('40.00'),
      (payment) => payment.refundFailed('40.00'),
    ],
    async (payment) => {
      expect(await payment.clawed()).toBe(0n);
      expect(await payment.atStripe()).toBe(usd('100'));
      expect(await payment.others()).toEqual([0n, 0n, 0n, 0n]);
      expect(await payment.standing()).toEqual({ balance: '100.00', held: '0.00', paused: null });
    },
  );
});

test('T20 in every order: 500 credits are held, and come back as 500, not 10', async () => {
  const open = await new Payment('credits').open();
  await open.topUp('500');
  await open.disputed('500');
  expect(await open.standing()).toMatchObject({ balance: '500', held: '500' });
  await inEveryOrder(
    [
      (payment) => payment.topUp('500'),
      (payment) => payment.disputed('500'),
      (payment) => payment.decided('500', 'won'),
    ],
    async (payment) => {
      expect(await payment.standing()).toEqual({ balance: '500', held: '0', paused: null });
    },
    'credits',
  );
});

test('what is wrong goes to the dead letters, and an unknown wallet waits there for its retry', async () => {
  const payment = await new Payment().open();
  await payment.refunded('-1');
  await payment.disputed('0');
  await payment.disputed('1.00', '-1');
  await payment.refundPending('0');
  await payment.decided('100.00', 'lost', '-3');
  const stranger = new Payment();
  await stranger.refunded('1.00');
  await stranger.disputed('1.00');
  expect(payment.refused).toEqual([
    ...[
      'invalid_refund',
      'invalid_dispute',
      'invalid_dispute',
      'invalid_refund',
      'invalid_dispute',
    ],
  ]);
  expect(stranger.refused).toEqual(['unknown_wallet', 'unknown_wallet']);
  expect(await payment.standing()).toEqual({ balance: '0.00', held: '0.00', paused: null });
});

const isAboutDispute = (value: unknown): boolean =>
  (value as { reason?: string }).reason === 'dispute';
