import { followInvoice } from '../billing/collect.js';
import { followSession } from '../checkout/session-payment.js';
import type { AttemptResult } from './payments.js';
import type { Work } from '../world/work.js';

/** Passes the result of a payment on to its owner: called once after every attempt that is not the page's own. */
export async function followPayment(work: Work, result: AttemptResult): Promise<void> {
  const { secret } = await work.need('payment_intent', result.intent.id);
  if (secret?.invoice !== undefined) await followInvoice(work, secret.invoice, result);
  if (secret?.session !== undefined) await followSession(work, secret.session, result);
}
