import { OrbitError } from '@orbit/contracts';
import type { PaymentSnapshot } from '../domain/decide-topup.js';
import type { EventSubject, StripeEvent } from '../domain/stripe-event.js';
import type { TopUp } from '../domain/topup.js';
import type { SavedPayments } from './payment-ports.js';
import { ProviderFailure, type Log, type PaymentProvider, type TopUpStore } from './ports.js';
import type { WebhookHandler } from './webhook-ports.js';
import type { ApplyOutcome, ApplyPayment } from './apply-payment.js';

/** Events about top-ups. Each makes us ask Stripe for the present truth; the event's own content is not trusted. */
export class TopUpWebhook implements WebhookHandler {
  constructor(
    private readonly topups: TopUpStore,
    private readonly provider: PaymentProvider,
    private readonly payments: SavedPayments,
    private readonly applyPayment: ApplyPayment,
    private readonly log: Log,
  ) {}

  async handle(event: StripeEvent): Promise<ApplyOutcome | null> {
    const { subject } = event;
    if (subject === null) return null;
    const topup = await this.topupOf(subject);
    if (topup === null) {
      if (subject.topupId === undefined) return null;
      this.log.error({ event_id: event.id }, 'an event names a top-up that is unknown');
      return this.applyPayment.run(event.id, null, null, 'unknown_topup');
    }
    const seen = await this.readPayment(subject, topup);
    return this.applyPayment.run(event.id, topup.id, seen, 'no_payment');
  }

  private async topupOf(subject: EventSubject): Promise<TopUp | null> {
    if (subject.topupId !== undefined) return this.topups.read(subject.topupId);
    return this.topups.readByPayment(subject);
  }

  private async readPayment(subject: EventSubject, topup: TopUp): Promise<PaymentSnapshot | null> {
    try {
      return await (topup.kind === 'hosted'
        ? this.readPage(subject, topup)
        : this.readSaved(subject, topup));
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      throw new OrbitError('unavailable', 'The payment provider cannot be asked now. Send again.', {
        cause: error,
      });
    }
  }

  private async readPage(subject: EventSubject, topup: TopUp): Promise<PaymentSnapshot | null> {
    const sessionId = subject.sessionId ?? topup.sessionId;
    if (sessionId !== null) return this.provider.readSession(sessionId);
    if (subject.paymentIntentId === undefined) return null;
    return this.provider.readSessionOfPayment(subject.paymentIntentId);
  }

  private async readSaved(subject: EventSubject, topup: TopUp): Promise<PaymentSnapshot | null> {
    const paymentIntentId = subject.paymentIntentId ?? topup.paymentIntentId;
    return paymentIntentId === null ? null : this.payments.readPayment(paymentIntentId);
  }
}
