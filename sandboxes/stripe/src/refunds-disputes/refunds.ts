import { buildRefund } from '../world/build-records.js';
import type { JsonObject, Metadata } from '../http/json.js';
import type { Charge, Refund } from '../world/objects.js';
import { invalidRequest, resourceMissing } from '../http/stripe-error.js';
import { isRefundable } from './disputes.js';
import { bookMovement } from '../payments/movements.js';
import type { Work } from '../world/work.js';

/** The card that Stripe says fails refunds first says that they succeeded. */
const LATE_MS = 3_000;

export const REFUND_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;
export const FAILURE_REASONS = [
  'declined',
  'expired_or_canceled_card',
  'insufficient_funds',
  'lost_or_stolen_card',
  'unknown',
] as const;

export interface NewRefund {
  readonly charge: string | undefined;
  readonly paymentIntent: string | undefined;
  /** Minor units; undefined: all that is left. */
  readonly amount: number | undefined;
  readonly reason: string | null;
  readonly metadata: Metadata;
}

/**
 * Gives money back. The balance falls at once, also while the refund is `pending`; a refund that fails later brings
 * it back (task `settle_refund`).
 */
export async function createRefund(work: Work, given: NewRefund): Promise<Refund> {
  const charge = await refundedCharge(work, given);
  const amount = await checkAmount(work, charge, given.amount);
  const isDebit = charge.id.startsWith('py_');
  const id = isDebit ? work.ids.next('pyr_', 24) : work.id('refund');
  const moved = await bookMovement(work, {
    type: isDebit ? 'payment_refund' : 'refund',
    amount: -amount,
    currency: charge.currency,
    source: id,
    description: `REFUND FOR ${isDebit ? 'PAYMENT' : 'CHARGE'} (${charge.id})`,
  });
  const course = await courseOf(work, charge);
  const refund = buildRefund({
    id,
    created: work.now,
    amount,
    charge,
    balanceTransaction: moved.id,
    status: course.status,
    reason: given.reason,
    metadata: given.metadata,
  });
  await work.tx.insert('refund', refund, { outcome: course.outcome });
  const amountRefunded = charge.amount_refunded + amount;
  const changed = await work.patch('charge', charge, {
    amount_refunded: amountRefunded,
    refunded: amountRefunded === charge.amount,
  });
  work.emit('refund.created', refund);
  work.emit('charge.refunded', changed, { amount_refunded: charge.amount_refunded });
  if (course.waitMs >= 0 && course.outcome !== null) {
    await work.planByWall('settle_refund', id, course.waitMs);
  }
  return refund;
}

/** How a refund begins, and what becomes of it when it is not final yet. */
interface Course {
  readonly status: 'succeeded' | 'pending';
  readonly outcome: 'succeeded' | 'failed' | null;
  readonly waitMs: number;
}

async function courseOf(work: Work, charge: Charge): Promise<Course> {
  const faults = work.faults.read();
  const { nextRefund } = faults;
  if (nextRefund !== null) {
    const count = nextRefund.count - 1;
    work.faults.write({ ...faults, nextRefund: count > 0 ? { ...nextRefund, count } : null });
    return { status: 'pending', outcome: nextRefund.outcome, waitMs: nextRefund.waitMs };
  }
  const method =
    charge.payment_method === null
      ? null
      : await work.tx.find('payment_method', charge.payment_method);
  const behavior = method?.secret.behavior;
  if (behavior === 'refund_pending') {
    return { status: 'pending', outcome: 'succeeded', waitMs: LATE_MS };
  }
  if (behavior === 'refund_fails') {
    return { status: 'succeeded', outcome: 'failed', waitMs: LATE_MS };
  }
  return { status: 'succeeded', outcome: null, waitMs: -1 };
}

/** A refund's end. Failed: the money is back on the balance and the charge is not refunded any more. */
export async function finishRefund(
  work: Work,
  id: string,
  given: { readonly outcome: 'succeeded' | 'failed'; readonly reason: string } | null,
): Promise<Refund> {
  const { body: refund, secret } = await work.lock('refund', id);
  const outcome = given?.outcome ?? secret?.outcome ?? 'succeeded';
  if (refund.status === 'failed' || refund.status === 'canceled') {
    if (given === null) return refund;
    throw invalidRequest(`This refund is already ${refund.status}.`, { param: 'id' });
  }
  await work.tx.dropTask('settle_refund', id);
  return outcome === 'failed'
    ? endRefund(work, refund, { status: 'failed', reason: given?.reason ?? 'unknown' })
    : passRefund(work, refund);
}

async function passRefund(work: Work, refund: Refund): Promise<Refund> {
  if (refund.status === 'succeeded') return refund;
  const before = { status: refund.status };
  const done = await work.patch('refund', refund, {
    status: 'succeeded',
    pending_reason: undefined,
  });
  emitUpdate(work, done, before);
  return done;
}

/** Only a refund that waits for its customer can be canceled; the sandbox has those that are `pending`. */
export async function cancelRefund(work: Work, id: string): Promise<Refund> {
  const { body: refund } = await work.lock('refund', id);
  if (refund.status !== 'requires_action' && refund.status !== 'pending') {
    throw invalidRequest(`A refund with a status of ${refund.status} cannot be canceled.`, {
      param: 'id',
    });
  }
  await work.tx.dropTask('settle_refund', id);
  return endRefund(work, refund, { status: 'canceled', reason: 'merchant_request' });
}

async function endRefund(
  work: Work,
  refund: Refund,
  end: { readonly status: 'failed' | 'canceled'; readonly reason: string },
): Promise<Refund> {
  const { body: charge } = await work.lock('charge', refund.charge);
  const isDebit = charge.id.startsWith('py_');
  const moved = await bookMovement(work, {
    type: isDebit ? 'payment_failure_refund' : 'refund_failure',
    amount: refund.amount,
    currency: refund.currency,
    source: refund.id,
    reportingCategory: 'refund_failure',
    description: `REFUND FAILURE FOR CHARGE (${charge.id})`,
  });
  const before = { status: refund.status };
  const ended = await work.patch('refund', refund, {
    status: end.status,
    failure_balance_transaction: moved.id,
    failure_reason: end.reason,
    pending_reason: undefined,
  });
  await work.patch('charge', charge, {
    amount_refunded: charge.amount_refunded - refund.amount,
    refunded: false,
  });
  if (end.status === 'failed') work.emit('refund.failed', ended, before);
  emitUpdate(work, ended, before);
  return ended;
}

function emitUpdate(work: Work, refund: Refund, before: JsonObject): void {
  work.emit('charge.refund.updated', refund, before);
  work.emit('refund.updated', refund, before);
}

async function checkAmount(work: Work, charge: Charge, given: number | undefined): Promise<number> {
  const left = charge.amount - charge.amount_refunded;
  if (charge.refunded) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    });
  }
  if (!(await isRefundable(work, charge))) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  }
  const amount = given ?? left;
  if (amount > left) {
    throw invalidRequest(
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      { param: 'amount' },
    );
  }
  return amount;
}

async function refundedCharge(work: Work, given: NewRefund): Promise<Charge> {
  const { charge, paymentIntent: intentId } = given;
  if (charge !== undefined) return needPaid(work, charge);
  if (intentId === undefined) {
    throw invalidRequest(
      'One of the following params should be provided for this request: payment_intent or charge.',
    );
  }
  const { body: intent } = await work.lock('payment_intent', intentId, 'payment_intent');
  if (intent.status !== 'succeeded' || intent.latest_charge === null) {
    throw invalidRequest(
      `This PaymentIntent (${intentId}) does not have a successful charge to refund.`,
      { param: 'payment_intent' },
    );
  }
  return needPaid(work, intent.latest_charge);
}

async function needPaid(work: Work, id: string): Promise<Charge> {
  const { body } = await work.lock('charge', id, 'charge');
  if (!body.paid) throw resourceMissing('charge', id, 'charge');
  return body;
}
