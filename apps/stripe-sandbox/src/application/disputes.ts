import { buildBalanceTransaction } from '../domain/build-balance.js';
import { buildDispute } from '../domain/build-records.js';
import type { BalanceTransaction, Charge, Dispute } from '../domain/objects.js';
import { invalidRequest } from '../domain/stripe-error.js';
import type { Work } from './sandbox.js';

/** What Stripe keeps of every dispute, won or lost: 15.00 in the charge's minor units. */
const DISPUTE_FEE = 1_500;
const EVIDENCE_DAYS = 7;

export const DISPUTE_REASONS = [
  'fraudulent',
  'general',
  'product_not_received',
  'duplicate',
  'subscription_canceled',
  'unrecognized',
  'credit_not_processed',
] as const;

/** The cardholder goes to the bank: the amount leaves the balance at once, with a fee. */
export async function openDispute(
  work: Work,
  charge: Charge,
  given: { readonly reason: string; readonly amount?: number | undefined },
): Promise<Dispute> {
  if (!charge.paid)
    throw invalidRequest('A failed charge cannot be disputed.', { param: 'charge' });
  if (charge.disputed) {
    throw invalidRequest(`Charge ${charge.id} has been disputed already.`, {
      code: 'charge_disputed',
      param: 'charge',
    });
  }
  const amountMax = charge.amount - charge.amount_refunded;
  const amount = given.amount ?? amountMax;
  if (amount <= 0 || amount > amountMax) {
    throw invalidRequest(`At most ${amountMax} of this charge can be disputed.`, {
      param: 'amount',
    });
  }
  const id = work.id('dispute');
  const withdrawal = await move(work, id, charge, -amount, DISPUTE_FEE, 'dispute');
  const dispute = buildDispute({
    id,
    created: work.now,
    amount,
    reason: given.reason,
    charge,
    withdrawal,
    evidenceDueBy: work.now + EVIDENCE_DAYS * 86_400,
  });
  await work.tx.insert('dispute', dispute, null);
  await work.patch('charge', charge, { disputed: true });
  work.emit('charge.dispute.created', dispute);
  work.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

/** The bank decides. Won: the amount comes back (the fee does not). Lost: it stays gone. */
export async function closeDispute(
  work: Work,
  id: string,
  status: 'won' | 'lost',
): Promise<Dispute> {
  const { body: dispute } = await work.lock('dispute', id);
  if (dispute.status === status) return dispute;
  if (dispute.status === 'won' || dispute.status === 'lost') {
    throw invalidRequest(`This dispute is already ${dispute.status}.`, { param: 'status' });
  }
  const { body: charge } = await work.lock('charge', dispute.charge);
  const returned =
    status === 'won' ? [await move(work, id, charge, dispute.amount, 0, 'dispute_reversal')] : [];
  const closed = await work.patch('dispute', dispute, {
    status,
    balance_transactions: [...dispute.balance_transactions, ...returned],
  });
  work.emit('charge.dispute.closed', closed);
  if (status === 'won') work.emit('charge.dispute.funds_reinstated', closed);
  return closed;
}

async function move(
  work: Work,
  source: string,
  charge: Charge,
  amount: number,
  fee: number,
  reportingCategory: string,
): Promise<BalanceTransaction> {
  const moved = buildBalanceTransaction({
    id: work.id('balance_transaction'),
    created: work.now,
    amount,
    fee,
    currency: charge.currency,
    source,
    type: 'adjustment',
    reportingCategory,
    description: `Chargeback for ${charge.id}`,
  });
  await work.tx.insert('balance_transaction', moved, null);
  return moved;
}
