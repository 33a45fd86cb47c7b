import { invariant } from '@orbit/kernel';
import { paymentReference } from '../src/payments/domain/clawbacks.js';
import type { Account } from '../src/books/domain/wallet.js';
import { sum, type Payment } from './payments.fake.js';
import { expectAccount, summed } from './stripe-balance.fake.js';
import type { World } from './world.fake.js';

/** Of every payment the ledger says what Stripe says, once all facts have arrived. */
export function comparePayments(world: World, payments: readonly Payment[]): void {
  for (const payment of payments) {
    const { topUpId, amount, refunds, disputes } = payment;
    const refunded = refunds.filter(({ state }) => state === 'succeeded');
    const lost = disputes.filter(({ state }) => state === 'lost');
    const claimed = sum([...refunded, ...lost].map((claim) => claim.amount));
    const atStripe = amount - (claimed < amount ? claimed : amount);
    const inLedger = readLedger(world, payment);
    invariant(
      atStripe === inLedger,
      `of ${topUpId} Stripe has ${atStripe}, the ledger ${inLedger}`,
    );
  }
  compareAccounts(world, payments);
}

const HELD_BY: ReadonlySet<Account> = new Set(['wallet', 'adjustments', 'breakage']);

/** What refunds and disputes leave of a payment. */
function readLedger(world: World, { name, topUpId }: Payment): bigint {
  const reference = paymentReference(topUpId);
  let left = 0n;
  for (const entry of world.store.entries.get(world.wallet(name).walletNo) ?? []) {
    if (entry.reference === reference && entry.from === 'stripe_clearing')
      left += entry.amountMicros;
    if (entry.metadata?.['payment'] !== reference) continue;
    // From the wallet, or from where an operator or time had brought it before.
    if (HELD_BY.has(entry.from)) left -= entry.amountMicros;
    if (HELD_BY.has(entry.to)) left += entry.amountMicros;
  }
  return left;
}

/** What waits for its end, what Stripe keeps for itself, and what nobody can give: each on its own account. */
function compareAccounts(world: World, payments: readonly Payment[]): void {
  const each = (amountOf: (payment: Payment) => bigint) =>
    summed(payments.map((one) => [world.wallet(one.name).currency, -amountOf(one)]));
  const inState = (claims: readonly { amount: bigint; state: string }[], state: string): bigint =>
    sum(claims.filter((claim) => claim.state === state).map(({ amount }) => amount));
  expectAccount(
    world,
    'refunds',
    each(({ refunds }) => inState(refunds, 'pending')),
  );
  expectAccount(
    world,
    'disputes',
    each(({ disputes }) => inState(disputes, 'open')),
  );
  expectAccount(
    world,
    'dispute_fees',
    each(({ disputes }) => sum(disputes.map(({ fee }) => fee))),
  );
  expectAccount(
    world,
    'bad_debt',
    each(({ amount, refunds, disputes }) => {
      const over = inState(refunds, 'succeeded') + inState(disputes, 'lost') - amount;
      return over > 0n ? over : 0n;
    }),
  );
}
