/** For tests of what is claimed back of payments: facts as functions on one wallet, in every order. */
import { invariant } from '@orbit/kernel';
import { micros, parseAmount, type Micros } from '@orbit/money';
import { adjustWallet } from '../../wallets/domain/adjust.js';
import { amendBlock, voidBlock } from '../../blocks/domain/blocks-terms.js';
import { decideCharge } from '../../charges/domain/charge.js';
import { bookCredit } from '../../books/domain/credit.js';
import { closeDispute, openDispute } from './dispute.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import {
  beginRefund,
  completeRefund,
  failRefund,
  refundClaim,
  reserveRefund,
  type ReserveOutcome,
} from './refund.js';
import {
  PaymentClawbacks,
  applyClawbacks,
  applyParkedClawbacks,
  type PaymentContext,
} from './clawbacks.js';
import { isTaking } from '../../books/domain/entry-kinds.js';
import { reversalReference, reverseCharge } from '../../charges/domain/reversal.js';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import {
  escrowedMicros,
  type ChangeOutcome,
  type Credit,
  type Entry,
  type Escrow,
  type Wallet,
} from '../../books/domain/wallet.js';

export const NOW = Date.UTC(2026, 4, 16);
export const usd = (text: string): Micros => {
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
  awaitsSpend: false,
  pausedReason: null,
  lastToppedUpAtMs: null,
  rejectedCount: 0n,
  lateUsageGraceMs: 172_800_000,
  allowsLateCapture: false,
  outagePolicy: 'closed',
  outageBudgetMicros: micros(0n),
  blocks: [],
  escrows: [],
};

/** A wallet, and everything that was ever written about it. */
export class World implements PaymentContext {
  readonly draft = new WalletDraft(EMPTY);
  nowMs = NOW;
  isGranted = true;

  entriesOf(reference: string): Entry[] {
    return this.draft.entries.filter((entry) => entry.reference === reference);
  }

  takenOf(blockSequence: bigint): Entry[] {
    const own = this.draft.entries.filter((entry) => entry.blockSequence === blockSequence);
    return own.filter(isTaking);
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
    applyParkedClawbacks(this.draft, entry, NOW);
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

  /** As `ChangeBlock` does: what claims set aside follows what was taken back or given. */
  private changeBlock(change: (reference: string) => ChangeOutcome): string {
    const outcome = change(`operator:${this.draft.nextSequence}`);
    if (outcome.status === 'refused') return outcome.reason;
    applyClawbacks(this.draft, ['topup:tu_1'], this);
    return outcome.status;
  }

  private get ownBlock(): bigint {
    return this.entriesOf('topup:tu_1')[0]?.sequence ?? 0n;
  }

  void(): string {
    const blockSequence = this.ownBlock;
    return this.changeBlock((reference) =>
      voidBlock(this.draft, { blockSequence, reference, metadata: {} }, this.nowMs),
    );
  }

  amend(amount: string): string {
    const change = { blockSequence: this.ownBlock, amountMicros: usd(amount), metadata: {} };
    return this.changeBlock((reference) =>
      amendBlock(this.draft, { ...change, reference }, this.nowMs),
    );
  }

  /** Signed. */
  adjust(amount: string): string {
    const isTaken = amount.startsWith('-');
    const amountMicros = micros(isTaken ? -usd(amount.slice(1)) : usd(amount));
    const reference = `adjustment:${this.draft.nextSequence}`;
    const adjustment = { amountMicros, reference, metadata: {}, allowsNegative: true };
    return adjustWallet(this.draft, adjustment, this.nowMs).status;
  }

  sweep(): void {
    sweepExpired(this.draft, this.nowMs);
    applyClawbacks(this.draft, ['topup:tu_1'], this);
  }

  /** All of the charge that `spend` made as the `n`th. */
  reverse(n = 1): string {
    const charged = this.draft.entries.filter(({ type }) => type === 'spend');
    const references = [...new Set(charged.map(({ reference }) => reference))];
    const chargeId = (references[n - 1] ?? '').replace('charge:', '');
    const about = { chargeId, reference: `rev_${n}`, amountMicros: null, extendToMs: null };
    return this.changeBlock(() =>
      reverseCharge(
        this.draft,
        { ...about, metadata: {} },
        {
          charged: this.entriesOf(`charge:${chargeId}`),
          reversed: this.entriesOf(reversalReference(chargeId)),
          nowMs: this.nowMs,
        },
      ),
    );
  }

  /** What a refund would ask of the pot that holds take from. */
  claim(amount: string): Micros {
    const request = { refundId: 'r_1', topUpId: 'tu_1', amountMicros: usd(amount) };
    return refundClaim(this.draft, request, this);
  }

  /** What a refund could pay back now. */
  get refundable(): Micros {
    return PaymentClawbacks.of(this.draft, 'tu_1', this).refundableMicros;
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
    invariant(remaining - draft.debtMicros === draft.balance, 'blocks less debt are the balance');
    return {
      balance: draft.balance,
      held: micros(held),
      available: draft.spendableAt(NOW),
      pausedReason,
    };
  }
}

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [
      item,
      ...rest,
    ]),
  );
}

export type Fact = (world: World) => void;
/** Every order of the facts, each of them three times in a row, and the whole history a second time. */
export function inEveryOrder(facts: readonly Fact[], before: Fact, check: Fact): void {
  for (const order of permutations(facts)) {
    const world = new World();
    before(world);
    for (const fact of order) for (let n = 0; n < 3; n++) fact(world);
    for (const fact of order) fact(world);
    check(world);
  }
}
