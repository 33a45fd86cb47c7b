import type Stripe from 'stripe';
import type { PlanPage, UpgradePage } from '../application/plan-ports.js';
import { ProviderFailure } from '../../topups/application/ports.js';
import { asked, failure } from '../../topups/adapters/stripe-calls.js';
import { idOf } from '../../topups/adapters/stripe-snapshot.js';

const LIST_SIZE = 100;
/** In the metadata of a portal configuration: the price that it may move to. */
const PRICE = 'orbit_stripe_price_id';

/** Stripe's pages on which a person buys a plan, or a dearer one. */
export class StripePlanPages {
  constructor(private readonly stripe: Stripe) {}

  async open(page: PlanPage, idempotencyKey: string): Promise<string> {
    const metadata = { orbit_organization_id: page.organizationId };
    const session = await asked(() =>
      this.stripe.checkout.sessions.create(
        {
          mode: 'subscription',
          customer: page.customerId,
          line_items: [{ price: page.stripePriceId, quantity: 1 }],
          success_url: page.successUrl,
          cancel_url: page.cancelUrl,
          metadata,
          subscription_data: { metadata },
        },
        { idempotencyKey },
      ),
    );
    if (session.url === null) throw failure(new Error(`Session ${session.id} has no page`), true);
    return session.url;
  }

  /** Checkout cannot change a subscription; the portal's confirmation page can, with Stripe's own proration. */
  async openUpgrade(page: UpgradePage): Promise<string> {
    const { seen, stripePriceId } = page;
    const configuration = await this.configurationOf(stripePriceId);
    const session = await asked(() =>
      this.stripe.billingPortal.sessions.create({
        customer: page.customerId,
        configuration,
        return_url: page.cancelUrl,
        flow_data: {
          type: 'subscription_update_confirm',
          subscription_update_confirm: {
            subscription: seen.id,
            items: [{ id: seen.itemId, price: stripePriceId, quantity: 1 }],
          },
          after_completion: { type: 'redirect', redirect: { return_url: page.successUrl } },
        },
      }),
    );
    return session.url;
  }

  async expire(customerId: string): Promise<void> {
    const open = await asked(() =>
      this.stripe.checkout.sessions.list({
        customer: customerId,
        status: 'open',
        limit: LIST_SIZE,
      }),
    );
    for (const { id, mode } of open.data) {
      if (mode !== 'subscription') continue;
      try {
        await asked(() => this.stripe.checkout.sessions.expire(id));
      } catch (error) {
        // Paid, or over, in this very moment: the webhook of a second subscription reports what becomes of it.
        if (!(error instanceof ProviderFailure && error.options.isRefusal)) throw error;
      }
    }
  }

  /** The portal's permissions are one setting at Stripe; ours is found again by its price. */
  private async configurationOf(stripePriceId: string): Promise<string> {
    const listed = await asked(() =>
      this.stripe.billingPortal.configurations.list({ active: true, limit: LIST_SIZE }),
    );
    const known = listed.data.find(({ metadata }) => metadata?.[PRICE] === stripePriceId);
    if (known !== undefined) return known.id;
    const price = await asked(() => this.stripe.prices.retrieve(stripePriceId));
    const product = idOf(price.product) ?? '';
    const made = await asked(() =>
      this.stripe.billingPortal.configurations.create(
        {
          features: {
            invoice_history: { enabled: true },
            payment_method_update: { enabled: true },
            subscription_update: {
              enabled: true,
              default_allowed_updates: ['price'],
              proration_behavior: 'always_invoice',
              products: [{ product, prices: [stripePriceId] }],
            },
          },
          metadata: { [PRICE]: stripePriceId },
        },
        { idempotencyKey: `orbit-portal-${stripePriceId}` },
      ),
    );
    return made.id;
  }
}
