// Goal: whatever order refunds and disputes of a payment come in, and however often, they never take more than
// the payment, and the wallet ends where CASES.md says. Method: facts as functions on one wallet, every
// permutation of them, each fact three times.
import { micros, parseAmount, type Micros } from '@orbit/money';
import { decideCharge } from './charge.js';
import { bookCredit } from './credit.js';
import { closeDispute, openDispute } from './dispute.js';
import { sweepExpired } from './expiry.js';
import {
  beginRefund,
  completeRefund,
  failRefund,
  reserveRefund,
  type ReserveOutcome,
} from './refund.js';
import { settleParked, type PaymentContext } from './refund-payment.js';
import { WalletDraft } from './wallet-draft.js';
import { escrowedMicros, type Credit, type Entry, type Escrow, type Wallet } from './wallet.js';

const NOW = Date.UTC(2026, 4, 16);
const usd = (text: string): Micros => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};

const EMPTY: Wallet = {
  walletNo: 1n,
  walletId: 'wal_1',
  organizationId: 'org_1',
  currency: 'USD',
  balanceMicros: micros(0n),
  sequence: 0n,
  version: 7n,
  overdraftMicros: micros(0n),
  lowBalanceMicros: null,
  alertLevel: 'depleted',
  pausedReason: null,
  lastToppedUpAtMs: null,
  rejectedCount: 0n,
  lateUsageGraceMs: 172_800_000,
  settlesLate: false,
  outagePolicy: 'closed',
  outageBudgetMicros: micros(0n),
  blocks: [],
  escrows: [],
};

/** A wallet, and everything that was ever written about it. */
class World implements PaymentContext {
  readonly draft = new WalletDraft(EMPTY);
  nowMs = NOW;
  isGranted = true;

  entriesOf(reference: string): Entry[] {
    return this.draft.entries.filter((entry) => entry.reference === reference);
  }

  escrowsOf(payment: string): Escrow[] {
    return this.draft.changedEscrows().filter(({ holder }) => holder === payment);
  }

  topUp(amount: string, id = 'tu_1', changes: Partial<Credit> = {}): void {
    if (this.entriesOf(`topup:${id}`).length > 0) return;
    const entry = bookCredit(
      this.draft,
      {
        type: 'topup',
        reference: `topup:${id}`,
        amountMicros: usd(amount),
        kind: 'paid',
        priority: 0,
        effectiveAtMs: null,
        expiresAtMs: null,
        occurredAtMs: NOW,
        metadata: { payment_intent: 'pi_1' },
        ...changes,
      },
      NOW,
    );
    if (entry === 'balance_limit') throw new Error(entry);
    settleParked(this.draft, entry, NOW);
  }

  bonus(amount: string): void {
    this.topUp(amount, 'bonus', { type: 'grant', kind: 'promotional' });
  }

  spend(amount: string, isAuthorized = true): string {
    const chargeId = `c_${this.draft.nextSequence}`;
    const charge = {
      chargeId,
      amountMicros: usd(amount),
      channel: 'sms',
      quantity: 1,
      metadata: {},
      occurredAtMs: NOW,
      isAuthorized,
      leaseId: null,
    };
    return decideCharge(this.draft, charge, true, NOW).status;
  }

  reserve(amount: string | null, refundId = 'r_1'): ReserveOutcome {
    const amountMicros = amount === null ? null : usd(amount);
    return reserveRefund(this.draft, { refundId, topUpId: 'tu_1', amountMicros }, this);
  }

  refundBegins(amount: string, refundId = 'r_1'): void {
    const fact = { refundId, topUpId: 'tu_1', amountMicros: usd(amount), facts: {} };
    beginRefund(this.draft, fact, this);
  }

  refund(amount: string, refundId = 'r_1'): void {
    const fact = { refundId, topUpId: 'tu_1', amountMicros: usd(amount), facts: {} };
    completeRefund(this.draft, fact, this);
  }

  refundFails(amount: string, refundId = 'r_1'): void {
    const fact = { refundId, topUpId: 'tu_1', amountMicros: usd(amount), facts: {} };
    failRefund(this.draft, fact, this);
  }

  dispute(amount: string, disputeId = 'd_1', fee = '15'): void {
    openDispute(this.draft, this.disputeFact(amount, fee, disputeId), this);
  }

  disputeEnds(amount: string, isWon: boolean, fee = '15', disputeId = 'd_1'): void {
    const fact = this.disputeFact(amount, isWon ? '0' : fee, disputeId);
    closeDispute(this.draft, { ...fact, isWon }, this);
  }

  private disputeFact(amount: string, fee: string, disputeId: string) {
    const amounts = { amountMicros: usd(amount), feeMicros: usd(fee) };
    return { disputeId, topUpId: 'tu_1', ...amounts, facts: {} };
  }

  /** What all entries leave on an account. */
  left(account: Entry['to']): Micros {
    const moved = this.draft.entries.map(({ from, to, amountMicros }) =>
      to === account ? amountMicros : from === account ? -amountMicros : 0n,
    );
    return micros(moved.reduce((sum, amount) => sum + amount, 0n));
  }

  /** What Stripe has of us, as the books say it. */
  get atStripe(): Micros {
    return micros(-this.left('stripe_clearing'));
  }

  total(to: Entry['to'], from: Entry['from'] = 'wallet'): Micros {
    const moved = this.draft.entries.filter((entry) => entry.to === to && entry.from === from);
    return micros(moved.reduce((sum, { amountMicros }) => sum + amountMicros, 0n));
  }

  /** What was taken back of payments: refunds and disputes, less refunds that failed. */
  get clawed(): Micros {
    const returned = this.total('wallet', 'refunds');
    return micros(this.total('refunds') + this.total('disputes') - returned);
  }

  get standing() {
    const { draft } = this;
    const held = draft.escrows.reduce((sum, escrow) => sum + escrowedMicros(escrow), 0n);
    const { pausedReason } = draft.settings;
    const remaining = draft.blocks.reduce((sum, block) => sum + block.remainingMicros, 0n);
    expect(remaining - draft.debtMicros).toBe(draft.balance);
    return {
      balance: draft.balance,
      held: micros(held),
      available: draft.spendableAt(NOW),
      pausedReason,
    };
  }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [
      item,
      ...rest,
    ]),
  );
}

type Fact = (world: World) => void;
/** Every order of the facts, each of them three times in a row, and the whole history a second time. */
function inEveryOrder(facts: readonly Fact[], before: Fact, check: Fact): void {
  for (const order of permutations(facts)) {
    const world = new World();
    before(world);
    for (const fact of order) for (let n = 0; n < 3; n++) fact(world);
    for (const fact of order) fact(world);
    check(world);
  }
}

test('T17 refund after use: at most 75.00 of a top-up of 100.00 is refundable, once', () => {
  const world = new World();
  world.topUp('100');
  world.bonus('20');
  world.spend('45');
  expect(world.reserve('80')).toEqual({
    status: 'refused',
    reason: 'exceeds_refundable',
    refundableMicros: usd('75'),
  });
  expect(world.reserve('75')).toMatchObject({ reservedMicros: usd('75'), isReplay: false });
  expect(world.standing).toMatchObject({ balance: usd('75'), held: usd('75'), available: 0n });
  expect(world.reserve('75')).toMatchObject({ reservedMicros: usd('75'), isReplay: true });
  expect(world.reserve('74')).toMatchObject({ reason: 'reference_conflict' });
  expect(world.reserve('1', 'r_2')).toMatchObject({ reason: 'exceeds_refundable' });
  for (let n = 0; n < 3; n++) world.refund('75');
  expect(world.standing).toMatchObject({ balance: 0n, held: 0n, available: 0n });
  expect(world.clawed).toBe(usd('75'));
  expect(world.atStripe).toBe(usd('25'));
  const [entry] = world.entriesOf('refund:r_1');
  expect(entry).toMatchObject({
    type: 'refund',
    blockSequence: 1n,
    metadata: { payment: 'topup:tu_1', payment_intent: 'pi_1', refund_id: 'r_1' },
  });
});

test('a refund without an amount reserves all that is refundable; promotional credit never is', () => {
  const world = new World();
  world.topUp('100');
  world.bonus('20');
  world.spend('10');
  expect(world.reserve(null)).toMatchObject({ reservedMicros: usd('100') });
  expect(world.standing.available).toBe(usd('10'));
  const broke = new World();
  broke.bonus('20');
  expect(broke.reserve(null)).toMatchObject({ reason: 'not_found' });
});

test('what holds keep cannot be reserved for a refund', () => {
  const world = new World();
  world.topUp('100');
  world.isGranted = false;
  expect(world.reserve('100')).toMatchObject({ reason: 'insufficient_funds' });
  expect(world.standing.held).toBe(0n);
});

test('a refund that fails frees what it kept, before and after it was booked', () => {
  const world = new World();
  world.topUp('100');
  world.reserve('60');
  world.refundFails('60');
  expect(world.standing).toMatchObject({ balance: usd('100'), held: 0n, available: usd('100') });
  world.refund('60');
  expect(world.clawed).toBe(0n);
  world.reserve('60', 'r_2');
  world.refund('60', 'r_2');
  expect(world.standing.available).toBe(usd('40'));
  for (let n = 0; n < 3; n++) world.refundFails('60', 'r_2');
  expect(world.standing).toMatchObject({ balance: usd('100'), available: usd('100') });
  expect(world.clawed).toBe(0n);
});

test('a refund made in Stripe without asking makes debt; when it fails after a top-up repaid that, it is credit', () => {
  const world = new World();
  world.topUp('100');
  world.spend('70');
  world.refund('100');
  expect(world.standing).toMatchObject({ balance: usd('-70'), pausedReason: 'balance_depleted' });
  world.topUp('90', 'tu_2');
  expect(world.standing).toMatchObject({ balance: usd('20'), pausedReason: null });
  world.refundFails('100');
  expect(world.standing).toMatchObject({ balance: usd('120'), available: usd('120') });
});

test('T18 dispute after spend: held 100, available −30, paused; won: 70, resumed', () => {
  inEveryOrder(
    [(world) => world.dispute('100'), (world) => world.disputeEnds('100', true)],
    (world) => {
      world.topUp('100');
      world.spend('30');
    },
    (world) => {
      expect(world.standing).toEqual({
        balance: usd('70'),
        held: 0n,
        available: usd('70'),
        pausedReason: null,
      });
    },
  );
  const world = new World();
  world.topUp('100');
  world.spend('30');
  world.dispute('100');
  // Stripe has it already; the wallet has it still.
  expect([world.atStripe, world.left('disputes')]).toEqual([usd('-15'), usd('-100')]);
  expect(world.standing).toEqual({
    balance: usd('70'),
    held: usd('100'),
    available: usd('-30'),
    pausedReason: 'dispute',
  });
  expect(world.spend('1', false)).toBe('rejected');
});

test('T18 lost: −30, 15 to dispute fees; the next top-up of 50 leaves 20', () => {
  inEveryOrder(
    [
      (world) => world.topUp('100'),
      (world) => world.dispute('100'),
      (world) => world.disputeEnds('100', false),
    ],
    () => undefined,
    (world) => {
      world.spend('30');
      expect(world.standing).toMatchObject({ balance: usd('-30'), held: 0n });
      expect([world.left('dispute_fees'), world.left('disputes')]).toEqual([usd('-15'), 0n]);
      expect(world.atStripe).toBe(usd('-15'));
      expect(world.standing.pausedReason).toBe('balance_depleted');
      world.topUp('50', 'tu_2');
      expect(world.standing).toEqual({
        balance: usd('20'),
        held: 0n,
        available: usd('20'),
        pausedReason: null,
      });
    },
  );
});

test('T19 a dispute won, then refunded in full, takes 100', () => {
  inEveryOrder(
    [
      (world) => world.topUp('100'),
      (world) => world.dispute('100'),
      (world) => world.disputeEnds('100', true),
      (world) => world.refund('100'),
    ],
    () => undefined,
    (world) => {
      expect(world.clawed).toBe(usd('100'));
      expect(world.standing).toMatchObject({ balance: 0n, held: 0n });
      expect([world.atStripe, world.left('refunds'), world.left('bad_debt')]).toEqual([0n, 0n, 0n]);
    },
  );
});

test('T19 40 refunded, then 100 disputed and lost, takes 60 more: never 140, never 0', () => {
  inEveryOrder(
    [
      (world) => world.topUp('100'),
      (world) => world.refund('40'),
      (world) => world.dispute('100'),
      (world) => world.disputeEnds('100', false),
    ],
    () => undefined,
    (world) => {
      expect(world.clawed).toBe(usd('100'));
      expect(world.standing).toMatchObject({ balance: 0n, held: 0n });
      // Stripe took 140 and 15 for its trouble; 40 of it nobody can give.
      expect(world.atStripe).toBe(usd('-55'));
      expect([world.left('bad_debt'), world.left('dispute_fees')]).toEqual([
        usd('-40'),
        usd('-15'),
      ]);
      expect([world.left('refunds'), world.left('disputes')]).toEqual([0n, 0n]);
    },
  );
  const world = new World();
  world.topUp('100');
  world.refund('40');
  world.dispute('100');
  expect(world.standing).toMatchObject({ balance: usd('60'), held: usd('60') });
  world.disputeEnds('100', false);
  expect(world.total('disputes')).toBe(usd('60'));
});

test('a refund under way and a dispute share the payment; whichever fails leaves its part to the other', () => {
  const world = new World();
  world.topUp('100');
  world.reserve('40');
  world.dispute('100');
  expect(world.standing).toMatchObject({ held: usd('100'), available: 0n });
  world.refundFails('40');
  expect(world.standing).toMatchObject({ held: usd('100'), available: 0n });
  world.disputeEnds('100', false);
  expect(world.clawed).toBe(usd('100'));

  const capped = new World();
  capped.topUp('100');
  capped.refund('40');
  capped.dispute('100');
  capped.disputeEnds('100', false);
  capped.refundFails('40');
  expect(capped.total('disputes')).toBe(usd('100'));
  expect([capped.left('bad_debt'), capped.left('disputes'), capped.left('refunds')]).toEqual([
    0n,
    0n,
    0n,
  ]);
  expect(capped.atStripe).toBe(usd('-15'));
  expect(capped.standing).toMatchObject({ balance: 0n, held: 0n });
});

test('T20 500 credits that cost 10 dollars: a dispute takes and gives back 500, not 10', () => {
  const world = new World();
  world.topUp('500');
  world.dispute('500');
  expect(world.standing).toMatchObject({ held: usd('500'), available: 0n });
  world.disputeEnds('500', true);
  expect(world.standing).toMatchObject({ held: 0n, available: usd('500') });
});

test('what comes before its top-up waits for it and touches no other credit', () => {
  const world = new World();
  world.topUp('50', 'tu_other');
  world.bonus('20');
  world.refund('100');
  world.dispute('30', 'd_2');
  expect(world.standing).toMatchObject({ balance: usd('70'), held: 0n, pausedReason: 'dispute' });
  world.topUp('100');
  expect(world.standing).toMatchObject({ balance: usd('70'), held: 0n, available: usd('70') });
  world.disputeEnds('30', true, '0', 'd_2');
  expect(world.standing.pausedReason).toBeNull();
});

test('the wallet stays paused while any dispute is open', () => {
  const world = new World();
  world.topUp('100');
  world.dispute('50', 'd_1');
  world.dispute('50', 'd_2');
  world.disputeEnds('50', true, '0', 'd_1');
  expect(world.standing.pausedReason).toBe('dispute');
  world.disputeEnds('50', true, '0', 'd_2');
  expect(world.standing.pausedReason).toBeNull();
});

test('what a dispute takes past its own credit is paid by other credit, not left as debt beside it', () => {
  const world = new World();
  world.topUp('100');
  world.spend('100');
  world.dispute('100');
  world.topUp('30', 'tu_2');
  expect(world.standing.available).toBe(usd('-70'));
  world.disputeEnds('100', false);
  expect(world.standing).toMatchObject({ balance: usd('-70'), available: usd('-70') });
  expect(world.draft.debtMicros).toBe(usd('70'));
});

test('credit that a dispute holds does not lapse, and lapses when the dispute is won too late', () => {
  const world = new World();
  world.topUp('100', 'tu_1', { expiresAtMs: NOW + 1_000 });
  world.dispute('60');
  world.nowMs = NOW + 2_000;
  expect(sweepExpired(world.draft, world.nowMs)[0]?.amountMicros).toBe(usd('40'));
  world.refund('10', 'r_late');
  expect(world.draft.balance).toBe(usd('50'));
  world.disputeEnds('60', true);
  expect(sweepExpired(world.draft, world.nowMs)[0]?.amountMicros).toBe(usd('50'));
});

test('a refund that begins, ends well and fails after all, in every order, left Stripe as it was', () => {
  inEveryOrder(
    [
      (world) => world.topUp('100'),
      (world) => world.refundBegins('40'),
      (world) => world.refund('40'),
      (world) => world.refundFails('40'),
    ],
    () => undefined,
    (world) => {
      expect(world.atStripe).toBe(usd('100'));
      expect([world.left('refunds'), world.clawed]).toEqual([0n, 0n]);
      expect(world.standing).toMatchObject({ balance: usd('100'), held: 0n });
    },
  );
});

test('a refund under way has left Stripe and is still in the wallet, set aside, also when nobody asked for it', () => {
  inEveryOrder(
    [(world) => world.topUp('100'), (world) => world.refundBegins('40')],
    () => undefined,
    (world) => {
      expect([world.atStripe, world.left('refunds')]).toEqual([usd('60'), usd('-40')]);
      expect(world.standing).toMatchObject({ balance: usd('100'), held: usd('40') });
    },
  );
  const world = new World();
  world.topUp('100');
  world.reserve('40');
  world.refundBegins('40');
  world.refund('40');
  expect([world.atStripe, world.left('refunds'), world.draft.balance]).toEqual([
    usd('60'),
    0n,
    usd('60'),
  ]);
});

test('a fee that grows while the dispute is open, or that is kept though it is won, is what its end says', () => {
  for (const [isWon, fee, kept] of [
    [false, '30', '30'],
    [true, '15', '15'],
    [true, '0', '0'],
  ] as const) {
    const world = new World();
    const fact = { disputeId: 'd_1', topUpId: 'tu_1', amountMicros: usd('100'), facts: {} };
    const end = (): void => {
      closeDispute(world.draft, { ...fact, isWon, feeMicros: usd(fee) }, world);
    };
    world.topUp('100');
    world.dispute('100');
    for (let n = 0; n < 3; n++) end();
    world.dispute('100');
    expect(world.left('dispute_fees')).toBe(-usd(kept));
    expect(world.atStripe).toBe(usd(isWon ? '100' : '0') - usd(kept));
  }
});
