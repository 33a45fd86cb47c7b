import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { NEEDS_OWNER, type PaymentSnapshot } from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';
import type { CustomerDirectory } from './customer-directory.js';
import type { SavedPayments } from './payment-ports.js';
import { ProviderFailure, type Log, type ReloadPolicies, type TopUpStore } from './ports.js';
import type { ApplyPayment } from './apply-payment.js';

/** Longer than the calls of one run to Stripe take; a crash blocks its top-up for this long. */
const LOCK_MS = 30_000;
/** Stripe keeps a key for a day at least: within this, asking again with it cannot pay twice. */
const KEY_SAFE_MS = 12 * 3_600_000;
/** A client that got no answer repeats by itself; we do not take its money much later behind its back. */
const CLIENT_WAITS_MS = 600_000;

/**
 * Carries one top-up by a saved payment method through Stripe, from wherever it stands. Its row exists, and
 * its id is the key: however often and wherever this crashes and runs again, one payment is made.
 */
export class ChargeSavedMethod {
  constructor(
    private readonly topups: TopUpStore,
    private readonly customers: CustomerDirectory,
    private readonly payments: SavedPayments,
    private readonly applyPayment: ApplyPayment,
    private readonly policies: ReloadPolicies,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Asks Stripe unless another caller does just now; the state says afterwards how it went.
   * Errors: `payment_provider_error` while the outcome is unknown; a repeat goes on.
   */
  async run(topup: TopUp): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (!(await this.topups.lock(topup.id, nowMs, nowMs + LOCK_MS))) return;
    try {
      await this.carry(topup);
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      await this.afterFailure(topup, error);
      return;
    }
    await this.topups.unlock(topup.id, topup.attempt, this.clock.nowMs());
  }

  /**
   * Ends what a crash or a lost answer has left: asks again while the key is safe, else looks the payment up
   * and, when Stripe has none, lets the top-up fail. An automatic payment is not asked for again once its policy is
   * paused or off: what called for it is over. Nor is its owner asked for it any more once that is paused.
   */
  async recover(topup: TopUp): Promise<void> {
    const ageMs = this.clock.nowMs() - topup.createdAtMs;
    if (topup.state === 'requires_action' && (await this.isPaused(topup)))
      return this.giveUp(topup);
    if (topup.state === 'requires_action' && topup.actionUrl === null) return this.run(topup);
    if (topup.state !== 'created') return this.look(topup);
    const mayAsk = topup.kind === 'auto_reload' && ageMs < KEY_SAFE_MS && (await this.isOn(topup));
    if (mayAsk) return this.run(topup);
    if (ageMs >= CLIENT_WAITS_MS) await this.look(topup);
  }

  private async isOn({ organizationId }: TopUp): Promise<boolean> {
    const policy = await this.policies.read(organizationId);
    return policy !== null && policy.enabled && policy.pausedReason === null;
  }

  /** Whether it is an automatic payment, and money was taken back of the wallet since: it waits for a person to go on. */
  private async isPaused({ organizationId, kind }: TopUp): Promise<boolean> {
    if (kind !== 'auto_reload') return false;
    return ((await this.policies.read(organizationId))?.pausedReason ?? null) !== null;
  }

  /** Gives up waiting for the owner of the payment method. */
  async giveUp(topup: TopUp): Promise<void> {
    const { paymentIntentId } = topup;
    const seen = paymentIntentId === null ? null : await this.payments.cancel(paymentIntentId);
    await this.applyPayment.run(null, topup.id, seen, 'no_payment');
    if (seen === null) await this.applyPayment.end(topup.id, 'expired', 'not_authenticated');
  }

  private async look(topup: TopUp): Promise<void> {
    const seen = await this.find(topup);
    if (seen !== null) await this.applyPayment.run(null, topup.id, seen, 'no_payment');
    else await this.applyPayment.end(topup.id, 'failed', 'never_sent');
  }

  private async find(topup: TopUp): Promise<PaymentSnapshot | null> {
    if (topup.paymentIntentId !== null) return this.payments.readPayment(topup.paymentIntentId);
    const customerId = await this.customers.find(topup.organizationId);
    return customerId === null ? null : this.payments.findPayment(topup, customerId);
  }

  private async carry(topup: TopUp): Promise<void> {
    let seen = await this.ask(topup);
    const needsOwner = seen.paymentIntent?.lastErrorCode === NEEDS_OWNER;
    if (needsOwner && seen.paymentIntent?.status === 'requires_payment_method') {
      const key = `orbit-authenticate-${topup.id}-${topup.attempt}`;
      // Noted first: a crash in between leaves a question to ask, not a decline.
      await this.applyPayment.run(null, topup.id, seen, 'no_payment');
      seen = await this.payments.authenticate(seen.paymentIntent.id, topup, key);
    }
    await this.applyPayment.run(null, topup.id, seen, 'no_payment');
  }

  private async ask(topup: TopUp): Promise<PaymentSnapshot> {
    // After an error on Stripe's side a payment may exist under the key of before: look before asking anew.
    const isKnown = topup.attempt > 0 || topup.paymentIntentId !== null;
    const found = isKnown ? await this.find(topup) : null;
    if (found !== null) return found;
    const { organizationId: id, attempt } = topup;
    const customerId = await this.customers.idOf(id, `${topup.id}-${attempt}`);
    return this.payments.charge(topup, customerId, `orbit-payment-${topup.id}-${attempt}`);
  }

  private async afterFailure(topup: TopUp, error: ProviderFailure): Promise<void> {
    const { isFinalForKey, isRefusal, code } = error.options;
    const attempt = topup.attempt + (isFinalForKey ? 1 : 0);
    await this.topups.unlock(topup.id, attempt, this.clock.nowMs());
    this.log.warn({ topup_id: topup.id, err: error }, 'stripe did not carry out a payment');
    if (isRefusal === true)
      return this.applyPayment.end(topup.id, 'failed', code ?? 'payment_refused');
    throw new OrbitError(
      'payment_provider_error',
      'The payment provider did not answer. Repeat with the same idempotency key.',
      { retryAfterSeconds: 1, cause: error },
    );
  }
}
