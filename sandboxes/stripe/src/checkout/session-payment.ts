import type { CheckoutSession } from '../world/objects.js';
import type { AttemptResult } from '../payments/payments.js';
import type { Work } from '../world/work.js';

/** The session after an attempt, when it changes at all. */
export async function completeSession(
  work: Work,
  session: CheckoutSession,
  change: Partial<CheckoutSession>,
): Promise<CheckoutSession> {
  const complete: CheckoutSession = { ...session, ...change, status: 'complete', url: null };
  await work.tx.save('checkout.session', complete);
  work.emit('checkout.session.completed', complete);
  return complete;
}

/** The bank has answered to the debit of a completed session, or a payer finished elsewhere than on the page. */
export async function followSession(
  work: Work,
  sessionId: string,
  result: AttemptResult,
): Promise<void> {
  const { body: session } = await work.lock('checkout.session', sessionId);
  if (session.status === 'open') {
    if (result.kind === 'succeeded')
      await completeSession(work, session, { payment_status: 'paid' });
    if (result.kind === 'processing') await completeSession(work, session, {});
    return;
  }
  if (session.status !== 'complete' || session.payment_status !== 'unpaid') return;
  if (result.kind === 'succeeded') {
    const paid = await work.patch('checkout.session', session, { payment_status: 'paid' });
    work.emit('checkout.session.async_payment_succeeded', paid);
  }
  if (result.kind === 'declined') work.emit('checkout.session.async_payment_failed', session);
}
