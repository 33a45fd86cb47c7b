import { OrbitError } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import { micros, requireAmount } from '@orbit/money';
import {
  beginRefundCommand,
  closeDisputeCommand,
  completeRefundCommand,
  failRefundCommand,
  openDisputeCommand,
  ReserveRefund,
} from '../src/payments/application/clawback-commands.js';
import type { LedgerCommand } from '../src/books/application/commands.js';
import { paymentReference } from '../src/payments/domain/clawbacks.js';
import { changesOf, checkTakenOnce } from './block-operations.fake.js';
import type { Operation } from './operation.fake.js';
import {
  disputeFact,
  leftOf,
  refundFact,
  type Dispute,
  type Payment,
  type Refund,
} from './payments.fake.js';
import { comparePayments } from './payments-check.fake.js';
import { StripeBalance } from './stripe-balance.fake.js';
import type { World } from './world.fake.js';

const FEE = 15_000_000n;
const UNIT = 1_000_000n;
const RELOAD = 10n * UNIT;

const clockOf = (world: World): Clock => ({ nowMs: () => world.nowMs });

/**
 * Stripe and checkout, as simply as one can keep them: payments, what went back of them, and facts on their way to the
 * ledger, which arrive in any order and up to three times.
 */
export class NaiveStripe {
  private readonly payments: Payment[] = [];
  private readonly balance = new StripeBalance();
  private readonly onTheirWay: { readonly name: string; readonly command: LedgerCommand }[] = [];
  /** What has come true of payments, by name. */
  readonly outcomes = new Map<string, number>();

  pay(world: World): void {
    const name = world.random.pick(world.names as [string, ...string[]]);
    this.payFor(world, name, BigInt(world.random.integer(1, 40)) * UNIT);
  }

  /** As auto-reload does: a wallet that is low is paid for, in whole steps, above its threshold. */
  reload(world: World): void {
    const low = world.names.find((name) => {
      const { lowBalanceMicros, balanceMicros } = world.wallet(name);
      return lowBalanceMicros !== null && balanceMicros < lowBalanceMicros;
    });
    if (low === undefined) return;
    const { lowBalanceMicros, balanceMicros } = world.wallet(low);
    const gap = (lowBalanceMicros ?? 0n) - balanceMicros;
    this.payFor(world, low, (gap / RELOAD + 1n) * RELOAD);
  }

  private payFor(world: World, name: string, amount: bigint): void {
    const topUpId = world.id('tu_');
    this.payments.push({ name, topUpId, amount, refunds: [], disputes: [] });
    this.receive(world, name, amount);
    const credit = {
      type: 'topup' as const,
      reference: paymentReference(topUpId),
      amountMicros: micros(amount),
      kind: 'paid' as const,
      priority: 0,
      effectiveAtMs: null,
      expiresAtMs: world.random.chance(0.3) ? world.nowMs + 3 * 86_400_000 : null,
      occurredAtMs: world.nowMs,
      metadata: {},
    };
    this.send(name, { kind: 'credit', key: world.keyOf(name), credit });
  }

  /** Money came in, for whatever top-up. */
  receive(world: World, name: string, amount: bigint): void {
    this.balance.move(world, name, amount);
  }

  /** As a client asks: the ledger sets it aside first, then Stripe is asked, which may refuse. */
  async refund(world: World): Promise<void> {
    const payment = this.any(world);
    if (!payment || world.available(payment.name) === null) return;
    const { name, topUpId } = payment;
    const refundId = world.id('ref_');
    const isAll = world.random.chance(0.3);
    const amount = BigInt(world.random.integer(1, Number(payment.amount)));
    const amountMicros = isAll ? null : micros(amount);
    const request = { refundId, topUpId, amountMicros };
    const reserve = new ReserveRefund(changesOf(world));
    const answer = await reserve.run(world.keyOf(name), request).catch((error: unknown) => {
      if (!(error instanceof OrbitError)) throw error;
      return null;
    });
    if (answer === null) return;
    const reserved = requireAmount(answer.reserved);
    invariant(reserved <= payment.amount, 'no more is set aside than was paid');
    if (reserved <= leftOf(payment)) this.create(world, payment, refundId, reserved);
    else this.refuse(world, payment, refundId, reserved);
  }

  refundInDashboard(world: World): void {
    const payment = this.any(world);
    const left = payment ? leftOf(payment) : 0n;
    if (!payment || left <= 0n) return;
    const amount = BigInt(world.random.integer(1, Number(left)));
    // Nobody asked the ledger: it may have been spent.
    world.allow(payment.name, payment.amount);
    this.create(world, payment, world.id('re_'), amount);
  }

  /** The balance falls at once; some succeed at once, and then nobody hears that they had begun. */
  private create(world: World, payment: Payment, id: string, amount: bigint): void {
    const refund: Refund = { id, amount, state: 'pending' };
    payment.refunds.push(refund);
    this.balance.move(world, payment.name, -amount);
    if (world.random.chance(0.3)) {
      this.endRefund(world, payment, refund, 'succeeded');
      return;
    }
    const key = world.keyOf(payment.name);
    this.send(payment.name, beginRefundCommand(key, refundFact(payment, refund)));
  }

  /** It never began, and took nothing. */
  private refuse(world: World, payment: Payment, id: string, amount: bigint): void {
    const refund: Refund = { id, amount, state: 'failed' };
    payment.refunds.push(refund);
    const key = world.keyOf(payment.name);
    this.send(payment.name, failRefundCommand(key, refundFact(payment, refund)));
  }

  /** Pending ones end; now and then one that had succeeded fails. */
  endAnyRefund(world: World): void {
    const payment = this.any(world);
    const refund =
      payment?.refunds[world.random.integer(0, Math.max(0, payment.refunds.length - 1))];
    if (!payment || !refund) return;
    if (refund.state === 'pending') {
      const fails = world.random.chance(0.3);
      this.endRefund(world, payment, refund, fails ? 'failed' : 'succeeded');
    } else if (refund.state === 'succeeded' && world.random.chance(0.2)) {
      this.endRefund(world, payment, refund, 'failed');
    }
  }

  dispute(world: World): void {
    const payment = this.any(world);
    if (!payment || payment.disputes.some(({ state }) => state !== 'won')) return;
    const left = leftOf(payment);
    // Some banks claim the whole payment, whatever went back of it.
    const amount = world.random.chance(0.2) ? payment.amount : left;
    if (amount <= 0n) return;
    const dispute: Dispute = { id: world.id('dp_'), amount, state: 'open', fee: FEE };
    payment.disputes.push(dispute);
    this.balance.move(world, payment.name, -amount);
    this.balance.move(world, payment.name, -FEE);
    world.allow(payment.name, payment.amount);
    this.send(
      payment.name,
      openDisputeCommand(world.keyOf(payment.name), disputeFact(payment, dispute), clockOf(world)),
    );
  }

  endAnyDispute(world: World): void {
    for (const payment of this.payments) {
      const dispute = payment.disputes.find(({ state }) => state === 'open');
      if (!dispute || world.random.chance(0.5)) continue;
      dispute.state = world.random.chance(0.5) ? 'won' : 'lost';
      // Some fees come back, and to answer a dispute may cost another.
      dispute.fee = dispute.state === 'won' ? world.random.pick([0n, FEE]) : FEE;
      if (world.random.chance(0.2)) dispute.fee += FEE;
      this.balance.move(world, payment.name, FEE - dispute.fee);
      if (dispute.state === 'won') this.balance.move(world, payment.name, dispute.amount);
      const decision = { ...disputeFact(payment, dispute), isWon: dispute.state === 'won' };
      this.send(
        payment.name,
        closeDisputeCommand(world.keyOf(payment.name), decision, clockOf(world)),
      );
    }
  }

  /** Some of what is on its way arrives, in no order, now and then three times. */
  arrive(world: World, isAll = false): void {
    for (const { name, command } of world.random.shuffle(this.onTheirWay.splice(0))) {
      if (!isAll && world.random.chance(0.5)) {
        this.onTheirWay.push({ name, command });
        continue;
      }
      const times = isAll ? 1 : world.random.pick([1, 1, 3]);
      const { messages } = world.partitionOf(name);
      for (let n = 0; n < times; n++) messages.push(command);
    }
  }

  /** When everything has arrived, the ledger says of every payment what Stripe says. */
  async compare(world: World): Promise<void> {
    this.arrive(world, true);
    await world.drain();
    for (const payment of this.payments) this.count(payment);
    comparePayments(world, this.payments);
    checkTakenOnce(world, this.outcomes);
    this.balance.compare(world);
  }

  private count({ refunds, disputes }: Payment): void {
    for (const what of [
      ...refunds.map(({ state }) => `refund ${state}`),
      ...disputes.map(({ state }) => `dispute ${state}`),
    ]) {
      this.outcomes.set(what, (this.outcomes.get(what) ?? 0) + 1);
    }
  }

  private any(world: World): Payment | undefined {
    // Mostly a late one: its credit is still there.
    const from = world.random.chance(0.8) ? Math.max(0, this.payments.length - 30) : 0;
    return this.payments[world.random.integer(from, Math.max(from, this.payments.length - 1))];
  }

  private endRefund(
    world: World,
    payment: Payment,
    refund: Refund,
    state: 'succeeded' | 'failed',
  ): void {
    refund.state = state;
    if (state === 'failed') this.balance.move(world, payment.name, refund.amount);
    const fact = refundFact(payment, refund);
    const key = world.keyOf(payment.name);
    const command =
      state === 'failed' ? failRefundCommand(key, fact) : completeRefundCommand(key, fact);
    this.send(payment.name, command);
  }

  private send(name: string, command: LedgerCommand): void {
    this.onTheirWay.push({ name, command });
  }
}

export function refundOperations(stripe: NaiveStripe): readonly Operation[] {
  return [
    { name: 'payment', weight: 3, run: (world) => stripe.pay(world) },
    { name: 'reload', weight: 1, run: (world) => stripe.reload(world) },
    { name: 'refund', weight: 3, run: (world) => stripe.refund(world) },
    { name: 'refund in the dashboard', weight: 1, run: (world) => stripe.refundInDashboard(world) },
    { name: 'refund ends', weight: 4, run: (world) => stripe.endAnyRefund(world) },
    { name: 'dispute', weight: 1, run: (world) => stripe.dispute(world) },
    { name: 'dispute ends', weight: 1, run: (world) => stripe.endAnyDispute(world) },
    { name: 'facts arrive', weight: 6, run: (world) => stripe.arrive(world) },
    { name: 'compare with Stripe', weight: 0.1, run: (world) => stripe.compare(world) },
  ];
}
