import { OrbitError } from '@orbit/contracts';
import { fieldOf, textOf, type StripeEvent } from '../../topups/domain/stripe-event.js';
import { ProviderFailure } from '../../topups/application/ports.js';
import type { WebhookHandler } from '../../topups/application/webhook-ports.js';
import type { PublishSubscription } from './publish-subscription.js';

/** Events about subscriptions and their invoices; to be subscribed to at Stripe. */
export const SUBSCRIPTION_EVENTS: readonly string[] = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'invoice.finalized',
  'invoice.updated',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.voided',
  'invoice.marked_uncollectible',
];

/** Each event makes us ask Stripe for the subscription and the invoice; the event's own content is not trusted. */
export class SubscriptionWebhook implements WebhookHandler {
  constructor(private readonly publish: PublishSubscription) {}

  async handle({ id, type, object }: StripeEvent): Promise<string | null> {
    const subject = subjectOf(type, object);
    if (subject === null) return null;
    try {
      return await this.publish.run({ eventId: id, ...subject });
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      throw new OrbitError('unavailable', 'The payment provider cannot be asked now. Send again.', {
        cause: error,
      });
    }
  }
}

function subjectOf(type: string, object: unknown) {
  const isPage =
    type === 'checkout.session.completed' && fieldOf(object, 'mode') === 'subscription';
  if (isPage) {
    const subscriptionId = textOf(object, 'subscription') ?? null;
    return { subscriptionId, invoiceId: textOf(object, 'invoice') ?? null };
  }
  if (!SUBSCRIPTION_EVENTS.includes(type)) return null;
  const id = textOf(object, 'id') ?? null;
  const isInvoice = type.startsWith('invoice.');
  return { subscriptionId: isInvoice ? null : id, invoiceId: isInvoice ? id : null };
}
