import { buildDispute, buildFraudWarning } from './build-disputes.js';
import type { BalanceTransaction, Charge, Dispute, FraudWarning } from '../world/objects.js';
import { invalidRequest } from '../http/stripe-error.js';
import { bookMovement } from '../payments/movements.js';
import type { Work } from '../world/work.js';

/** Stripe's fee for every dispute, won or lost: 15.00 in the charge's minor units. */
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

export interface NewDispute {
  readonly reason: string;
  /** Minor units, up to the whole charge: banks do not ask what was refunded. Default: what was not. */
  readonly amount?: number | undefined;
  /** The bank only asks: no money moves, `warning_needs_response`. */
  readonly isInquiry?: boolean;
}

/** The cardholder goes to the bank: the amount leaves the balance at once, with a fee. */
export async function openDispute(work: Work, charge: Charge, given: NewDispute): Promise<Dispute> {
  if (!charge.paid)
    throw invalidRequest('A failed charge cannot be disputed.', { param: 'charge' });
  if (charge.disputed) {
    throw invalidRequest(`Charge ${charge.id} has been disputed already.`, {
      code: 'charge_disputed',
      param: 'charge',
    });
  }
  const amount = given.amount ?? charge.amount - charge.amount_refunded;
  if (amount <= 0 || amount > charge.amount) {
    throw invalidRequest(`At most ${charge.amount} of this charge can be disputed.`, {
      param: 'amount',
    });
  }
  const isInquiry = given.isInquiry === true;
  const id = work.id('dispute');
  const withdrawals = isInquiry ? [] : [await withdraw(work, id, charge, amount)];
  const dispute = buildDispute({
    id,
    created: work.now,
    amount,
    reason: given.reason,
    charge,
    withdrawals,
    isInquiry,
    evidenceDueBy: work.now + EVIDENCE_DAYS * 86_400,
  });
  await work.tx.insert('dispute', dispute, null);
  await work.patch('charge', charge, { disputed: true });
  work.emit('charge.dispute.created', dispute);
  if (!isInquiry) work.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

/** Evidence for the bank. Stripe's two magic texts decide the dispute, as in its test mode. */
export async function submitEvidence(
  work: Work,
  id: string,
  given: { readonly text: string | undefined; readonly isSubmitted: boolean },
): Promise<Dispute> {
  const { body } = await work.lock('dispute', id, 'dispute');
  const isOpen = body.status === 'needs_response' || body.status === 'warning_needs_response';
  if (!isOpen)
    throw invalidRequest(`This dispute is already ${body.status}.`, { param: 'dispute' });
  const details = body['evidence_details'] as Record<string, number>;
  const dispute = await work.patch('dispute', body, {
    evidence: { ...(body['evidence'] as object), uncategorized_text: given.text ?? null },
    evidence_details: {
      ...details,
      has_evidence: true,
      submission_count: (details['submission_count'] ?? 0) + (given.isSubmitted ? 1 : 0),
    },
    ...(given.isSubmitted
      ? { status: body.status === 'needs_response' ? 'under_review' : 'warning_under_review' }
      : {}),
  });
  work.emit('charge.dispute.updated', dispute);
  if (!given.isSubmitted) return dispute;
  if (given.text === 'winning_evidence') return closeDispute(work, id, 'won');
  return given.text === 'losing_evidence' ? closeDispute(work, id, 'lost') : dispute;
}

/**
 * The bank decides. Won: the amount comes back, the fee only when `isFeeReturned`. Lost: it stays gone. An
 * inquiry that is won is `warning_closed`; one that is lost becomes a dispute with money withdrawn, and is lost.
 */
export async function closeDispute(
  work: Work,
  id: string,
  outcome: 'won' | 'lost',
  isFeeReturned = false,
): Promise<Dispute> {
  const { body: dispute } = await work.lock('dispute', id, 'dispute');
  const isInquiry = dispute.status.startsWith('warning_');
  const status = isInquiry && outcome === 'won' ? 'warning_closed' : outcome;
  if (dispute.status === status) return dispute;
  if (['won', 'lost', 'warning_closed'].includes(dispute.status)) {
    throw invalidRequest(`This dispute is already ${dispute.status}.`, { param: 'status' });
  }
  const { body: charge } = await work.lock('charge', dispute.charge);
  const moved = await moveAtClose(work, dispute, charge, { status, isInquiry, isFeeReturned });
  const closed = await work.patch('dispute', dispute, {
    status,
    balance_transactions: [...dispute.balance_transactions, ...moved],
  });
  if (isInquiry && status === 'lost') work.emit('charge.dispute.funds_withdrawn', closed);
  work.emit('charge.dispute.closed', closed);
  if (status === 'won') work.emit('charge.dispute.funds_reinstated', closed);
  return closed;
}

async function moveAtClose(
  work: Work,
  dispute: Dispute,
  charge: Charge,
  end: { readonly status: string; readonly isInquiry: boolean; readonly isFeeReturned: boolean },
): Promise<readonly BalanceTransaction[]> {
  if (end.isInquiry && end.status === 'lost') {
    return [await withdraw(work, dispute.id, charge, dispute.amount)];
  }
  if (end.status !== 'won') return [];
  const reversal = await bookMovement(work, {
    type: 'adjustment',
    amount: dispute.amount,
    fee: end.isFeeReturned ? -DISPUTE_FEE : 0,
    currency: charge.currency,
    source: dispute.id,
    reportingCategory: 'dispute_reversal',
    description: `Chargeback reversal for ${charge.id}`,
  });
  return [reversal];
}

/** Whether Stripe still refunds this charge: not while a dispute is open, and not after one was lost. */
export async function isRefundable(work: Work, charge: Charge): Promise<boolean> {
  if (!charge.disputed) return true;
  const page = await work.tx.list('dispute', {
    limit: 1,
    startingAfter: undefined,
    endingBefore: undefined,
    created: undefined,
    where: { charge: charge.id },
  });
  const status = page?.data[0]?.status;
  return status === 'won' || status?.startsWith('warning_') === true;
}

/** The card's bank suspects fraud; most such charges are disputed later. */
export async function warnOfFraud(work: Work, charge: Charge): Promise<FraudWarning> {
  const warning = buildFraudWarning({
    id: work.id('radar.early_fraud_warning'),
    created: work.now,
    charge,
  });
  await work.tx.insert('radar.early_fraud_warning', warning, null);
  work.emit('radar.early_fraud_warning.created', warning);
  return warning;
}

function withdraw(
  work: Work,
  source: string,
  charge: Charge,
  amount: number,
): Promise<BalanceTransaction> {
  return bookMovement(work, {
    type: 'adjustment',
    amount: -amount,
    fee: DISPUTE_FEE,
    currency: charge.currency,
    source,
    reportingCategory: 'dispute',
    description: `Chargeback withdrawal for ${charge.id}`,
  });
}
