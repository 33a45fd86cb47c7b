import type { AcceptedCard } from '../customers/card.js';
import { buildDebitMethod, buildPaymentMethod } from '../customers/build-method.js';
import { buildPaymentIntent } from './build-payment.js';
import type { TestAccount } from './bank-debit.js';
import type { Metadata } from '../http/json.js';
import type {
  MethodType,
  PaymentIntent,
  PaymentIntentSecret,
  PaymentMethodSecret,
} from '../world/objects.js';
import { TEST_CARDS } from '../customers/test-cards.js';
import type { Stored } from '../world/ports.js';
import type { Work } from '../world/work.js';

export interface NewIntent {
  readonly amount: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly paymentMethod: string | null;
  readonly receiptEmail: string | null;
  readonly setupFutureUsage: 'off_session' | 'on_session' | null;
  readonly methodTypes: readonly MethodType[];
  /** The merchant left the choice of methods to the dashboard; null: it named them. */
  readonly allowRedirects: 'always' | 'never' | null;
  readonly belongsTo: PaymentIntentSecret;
}

export async function createIntent(work: Work, given: NewIntent): Promise<PaymentIntent> {
  const id = work.id('payment_intent');
  const intent = buildPaymentIntent({
    ...given,
    id,
    clientSecret: work.ids.next(`${id}_secret_`, 24),
    created: work.now,
    status: given.paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
  });
  await work.tx.insert('payment_intent', intent, given.belongsTo);
  work.emit('payment_intent.created', intent);
  return intent;
}

interface MethodOwner {
  readonly name: string | null;
  readonly email: string | null;
  readonly metadata: Metadata;
}

export async function createMethod(
  work: Work,
  given: MethodOwner & { readonly accepted: AcceptedCard },
): Promise<Stored<'payment_method'>> {
  const body = buildPaymentMethod({
    ...given,
    id: work.id('payment_method'),
    created: work.now,
    fingerprint: work.ids.fingerprint(given.accepted.card.number),
  });
  const secret: PaymentMethodSecret = { behavior: given.accepted.card.behavior, isSetUp: false };
  await work.tx.insert('payment_method', body, secret);
  return { body, secret };
}

export async function createDebitMethod(
  work: Work,
  given: MethodOwner & { readonly account: TestAccount },
): Promise<Stored<'payment_method'>> {
  const body = buildDebitMethod({
    ...given,
    id: work.id('payment_method'),
    created: work.now,
    fingerprint: work.ids.fingerprint(given.account.number),
  });
  const { outcome, isSlow } = given.account;
  const bank = { outcome, isSlow };
  const secret: PaymentMethodSecret = { behavior: 'succeed', isSetUp: false, bank };
  await work.tx.insert('payment_method', body, secret);
  return { body, secret };
}

/**
 * Finds a payment method, also by Stripe's ready-made test names (`pm_card_visa`,
 * `pm_card_chargeDeclined`, …), each use of which makes a new one.
 */
export async function needMethod(
  work: Work,
  id: string,
  param: string,
): Promise<Stored<'payment_method'>> {
  const named = TEST_CARDS.find((card) => id === `pm_card_${card.token}`);
  if (named === undefined) return work.lock('payment_method', id, param);
  const expYear = new Date(work.nowMs).getUTCFullYear() + 5;
  return createMethod(work, {
    accepted: { card: named, expMonth: 12, expYear },
    name: null,
    email: null,
    metadata: {},
  });
}
