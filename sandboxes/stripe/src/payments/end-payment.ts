import { DEBIT_FAILURES, type DebitOutcome } from './bank-debit.js';
import type { Charge, PaymentIntent } from '../world/objects.js';
import { invalidRequest } from '../http/stripe-error.js';
import { followPayment } from './follow-payment.js';
import { bookMovement } from './movements.js';
import { failIntent, succeedIntent, type AttemptResult } from './payments.js';
import type { Work } from '../world/work.js';

/**
 * The bank answers to a debit: the charge, the intent and whatever waited for it move on. `outcome` null: as
 * the account of the payment method would.
 */
export async function endPayment(
  work: Work,
  intentId: string,
  outcome: 'succeeded' | 'failed' | null,
): Promise<void> {
  const { body: intent } = await work.lock('payment_intent', intentId);
  if (intent.status !== 'processing') {
    if (outcome === null) return;
    throw invalidRequest(`This payment is not processing but ${intent.status}.`, { param: 'id' });
  }
  await work.tx.dropTask('settle_payment', intentId);
  const { body: charge } = await work.lock('charge', intent.latest_charge ?? '');
  const method = await work.need('payment_method', intent.payment_method ?? '');
  const planned = method.secret.bank?.outcome ?? 'succeed';
  const answer = outcome === null ? planned : asOutcome(outcome, planned);
  const result = await (answer === 'succeed' || answer === 'dispute'
    ? succeedDebit(work, intent, charge, answer)
    : failDebit(work, intent, charge, answer));
  await followPayment(work, result);
}

function asOutcome(given: 'succeeded' | 'failed', planned: DebitOutcome): DebitOutcome {
  const isFailure = planned !== 'succeed' && planned !== 'dispute';
  if (given === 'succeeded') return isFailure ? 'succeed' : planned;
  return isFailure ? planned : 'insufficient_funds';
}

async function succeedDebit(
  work: Work,
  intent: PaymentIntent,
  charge: Charge,
  answer: 'succeed' | 'dispute',
): Promise<AttemptResult> {
  const moved = await bookMovement(work, {
    type: 'payment',
    amount: charge.amount,
    currency: charge.currency,
    source: charge.id,
    description: charge['description'] as string | null,
  });
  const paid = await work.patch('charge', charge, {
    status: 'succeeded',
    paid: true,
    balance_transaction: moved.id,
  });
  return succeedIntent(work, intent, paid, answer === 'dispute' ? 'dispute' : null);
}

async function failDebit(
  work: Work,
  intent: PaymentIntent,
  charge: Charge,
  answer: keyof typeof DEBIT_FAILURES,
): Promise<AttemptResult> {
  const decline = DEBIT_FAILURES[answer];
  const method = await work.need('payment_method', intent.payment_method ?? '');
  const failed = await work.patch('charge', charge, {
    status: 'failed',
    paid: false,
    failure_code: decline.code,
    failure_message: decline.message,
  });
  return failIntent(work, intent, failed, method.body, decline);
}
