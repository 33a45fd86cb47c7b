import { OrbitError } from '@orbit/contracts';
import type { ClawbacksSnapshot } from '../domain/clawbacks.js';
import { textOf, type StripeEvent } from '../../topups/domain/stripe-event.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { PAID_STATES } from '../../topups/domain/topup-state.js';
import type { ClawbacksProvider } from './ports.js';
import type { SavedPayments } from '../../topups/application/payment-ports.js';
import {
  ProviderFailure,
  type PaymentProvider,
  type TopUpStore,
} from '../../topups/application/ports.js';
import type { WebhookHandler } from '../../topups/application/webhook-ports.js';
import type { ApplyClawbacks } from './apply-clawbacks.js';
import type { ApplyPayment } from '../../topups/application/apply-payment.js';

/** Events about money that went back. */
export const CLAIM_EVENTS: readonly string[] = [
  'charge.refunded',
  'charge.refund.updated',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
];

/**
 * Events about refunds and disputes. Each makes us ask Stripe for all clawbacks of the payment; the event's own
 * content is not trusted. When it comes before the payment's own event, the payment is applied first, by the same
 * proof.
 */
export class ClawbacksWebhook implements WebhookHandler {
  constructor(
    private readonly topups: TopUpStore,
    private readonly provider: PaymentProvider,
    private readonly payments: SavedPayments,
    private readonly clawbacks: ClawbacksProvider,
    private readonly applyPayment: ApplyPayment,
    private readonly applyClawbacks: ApplyClawbacks,
  ) {}

  async handle({ id, type, object }: StripeEvent): Promise<string | null> {
    if (!CLAIM_EVENTS.includes(type)) return null;
    const paymentIntentId = textOf(object, 'payment_intent');
    if (paymentIntentId === undefined) return null;
    try {
      const seen = await this.clawbacks.readClawbacks(paymentIntentId);
      const topup = seen === null ? null : await this.topupOf(seen);
      if (seen === null || topup === null) return null;
      await this.applyPaymentFirst(topup, paymentIntentId);
      return await this.applyClawbacks.run(id, topup.id, seen);
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      throw new OrbitError('unavailable', 'The payment provider cannot be asked now. Send again.', {
        cause: error,
      });
    }
  }

  private async topupOf({ topupId, paymentIntentId }: ClawbacksSnapshot): Promise<TopUp | null> {
    const topup = await this.topups.readByPayment({ paymentIntentId });
    if (topup !== null || topupId === null) return topup;
    return this.topups.read(topupId);
  }

  private async applyPaymentFirst(topup: TopUp, paymentIntentId: string): Promise<void> {
    const isPaid = (PAID_STATES as readonly string[]).includes(topup.state);
    if (isPaid || topup.state === 'parked' || topup.state === 'dismissed') return;
    const seen =
      topup.kind === 'hosted'
        ? await this.provider.readSessionOfPayment(paymentIntentId)
        : await this.payments.readPayment(paymentIntentId);
    await this.applyPayment.run(null, topup.id, seen, 'no_payment');
  }
}
