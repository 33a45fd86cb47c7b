import { buildPaymentError } from '../payments/build-payment.js';
import { buildSetupIntent } from './build-setup.js';
import { declineOfSaving, judge } from './card.js';
import type { Metadata } from '../http/json.js';
import type {
  MethodType,
  PaymentMethod,
  SetupIntent,
  SetupIntentSecret,
} from '../world/objects.js';
import type { Decline } from './test-cards.js';
import { needLiving, setDefaultMethod } from './customers.js';
import { authenticationStep, NOT_AUTHENTICATED } from '../payments/payments.js';
import type { Stored } from '../world/ports.js';
import type { Work } from '../world/work.js';

export type SetupResult =
  | { readonly kind: 'succeeded'; readonly intent: SetupIntent }
  | { readonly kind: 'requires_action'; readonly intent: SetupIntent }
  | { readonly kind: 'declined'; readonly intent: SetupIntent; readonly decline: Decline };

export interface NewSetup {
  readonly customer: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly paymentMethod: string | null;
  readonly methodTypes: readonly MethodType[];
  readonly usage: 'off_session' | 'on_session';
  readonly belongsTo: SetupIntentSecret;
}

export async function createSetup(work: Work, given: NewSetup): Promise<SetupIntent> {
  const id = work.id('setup_intent');
  const intent = buildSetupIntent({
    ...given,
    id,
    clientSecret: work.ids.next(`${id}_secret_`, 24),
    created: work.now,
  });
  await work.tx.insert('setup_intent', intent, given.belongsTo);
  work.emit('setup_intent.created', intent);
  return intent;
}

/** One attempt to save a method for charges without its owner. Nothing is charged. */
export async function attemptSetup(
  work: Work,
  intent: SetupIntent,
  method: Stored<'payment_method'>,
  options: { readonly isAuthenticated: boolean; readonly returnUrl: string | null },
): Promise<SetupResult> {
  const { behavior } = method.secret;
  const refusal = declineOfSaving(behavior);
  if (refusal !== null) return declineSetup(work, intent, method.body, refusal);
  const { isAuthenticated, returnUrl } = options;
  const verdict = judge(behavior, { isOffSession: false, isSetUp: false, isAuthenticated });
  if (verdict.kind === 'authenticate') {
    const asked = await work.patch('setup_intent', intent, {
      status: 'requires_action',
      payment_method: method.body.id,
      last_setup_error: null,
      next_action: authenticationStep(work, intent.id, returnUrl),
    });
    work.emit('setup_intent.requires_action', asked);
    return { kind: 'requires_action', intent: asked };
  }
  await keep(work, intent, method);
  await makeDefault(work, intent, method.body.id);
  const done = await work.patch('setup_intent', intent, {
    status: 'succeeded',
    payment_method: method.body.id,
    last_setup_error: null,
    next_action: null,
  });
  work.emit('setup_intent.succeeded', done);
  return { kind: 'succeeded', intent: done };
}

/** The owner did not authenticate: another method may be tried. */
export async function failSetup(work: Work, intent: SetupIntent): Promise<SetupResult> {
  const method = await work.need('payment_method', intent.payment_method ?? '');
  const decline = { ...NOT_AUTHENTICATED, code: 'setup_intent_authentication_failure' };
  return declineSetup(work, intent, method.body, decline);
}

async function declineSetup(
  work: Work,
  intent: SetupIntent,
  method: PaymentMethod,
  decline: Decline,
): Promise<SetupResult> {
  const failed = await work.patch('setup_intent', intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_setup_error: buildPaymentError(decline, null, method),
  });
  work.emit('setup_intent.setup_failed', failed);
  return { kind: 'declined', intent: failed, decline };
}

async function makeDefault(work: Work, intent: SetupIntent, method: string): Promise<void> {
  const { secret } = await work.need('setup_intent', intent.id);
  if (secret?.isDefault !== true || intent.customer === null) return;
  await setDefaultMethod(work, await needLiving(work, intent.customer), method);
}

async function keep(
  work: Work,
  intent: SetupIntent,
  method: Stored<'payment_method'>,
): Promise<void> {
  const isNew = method.body.customer === null && intent.customer !== null;
  const body: PaymentMethod = { ...method.body, customer: intent.customer ?? method.body.customer };
  const isSetUp = method.secret.isSetUp || intent.usage === 'off_session';
  await work.tx.save('payment_method', body, { ...method.secret, isSetUp });
  if (isNew) work.emit('payment_method.attached', body);
}
