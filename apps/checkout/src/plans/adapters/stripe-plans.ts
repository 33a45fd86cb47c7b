import { OrbitError, type PricedPlan, type SavedMethodView } from '@orbit/contracts';
import Stripe from 'stripe';
import type {
  PlanPage,
  PlanProvider,
  SubscriptionUpdate,
  UpgradePage,
} from '../application/plan-ports.js';
import { ProviderFailure } from '../../topups/application/ports.js';
import {
  isLive,
  type HeldPrice,
  type InvoiceSnapshot,
  type SubscriptionSnapshot,
} from '../domain/subscription.js';
import { asked, askedOrMissing } from '../../topups/adapters/stripe-calls.js';
import { idOf, objectOf } from '../../topups/adapters/stripe-snapshot.js';
import { StripePlanPages } from './stripe-plan-pages.js';
import type { StripeSavedPayments } from '../../topups/adapters/stripe-saved-payments.js';

const LIST_SIZE = 20;
const DUPLICATE = 'orbit_duplicate_of';
const NOTHING_HELD = { orbit_held: '' };

export class StripePlans implements PlanProvider {
  private readonly pages: StripePlanPages;

  constructor(
    private readonly stripe: Stripe,
    private readonly saved: Pick<StripeSavedPayments, 'listMethods'>,
  ) {
    this.pages = new StripePlanPages(stripe);
  }

  async ensurePrice(plan: PricedPlan): Promise<string> {
    const found = await asked(() =>
      this.stripe.prices.list({ lookup_keys: [plan.price_id], active: true, limit: 1 }),
    );
    const [price] = found.data;
    if (price !== undefined) return price.id;
    const metadata = { orbit_price_id: plan.price_id, orbit_plan_id: plan.plan_id };
    const created = await asked(() =>
      this.stripe.prices.create(
        {
          currency: plan.currency.toLowerCase(),
          unit_amount: plan.amount_minor ?? 0,
          recurring: { interval: plan.interval },
          lookup_key: plan.price_id,
          product_data: { name: plan.plan_name, metadata },
          metadata,
        },
        { idempotencyKey: `orbit-price-${plan.price_id}-${plan.amount_minor}` },
      ),
    );
    return created.id;
  }

  openPage(page: PlanPage, idempotencyKey: string): Promise<string> {
    return this.pages.open(page, idempotencyKey);
  }

  openUpgradePage(page: UpgradePage): Promise<string> {
    return this.pages.openUpgrade(page);
  }

  expirePages(customerId: string): Promise<void> {
    return this.pages.expire(customerId);
  }

  async listLive(customerId: string): Promise<readonly SubscriptionSnapshot[]> {
    const listed = await asked(() =>
      this.stripe.subscriptions.list({ customer: customerId, limit: LIST_SIZE }),
    );
    const live: SubscriptionSnapshot[] = [];
    for (const { id } of [...listed.data].sort((a, b) => b.created - a.created)) {
      const seen = await this.readSubscription(id);
      if (seen !== null && isLive(seen)) live.push(seen);
    }
    return live;
  }

  async readLive(customerId: string): Promise<SubscriptionSnapshot | null> {
    const live = await this.listLive(customerId);
    return live.find(({ duplicateOf }) => duplicateOf === null) ?? null;
  }

  /** The mark comes first: whoever reads it from then on finishes what is begun. */
  async undo(seen: SubscriptionSnapshot, keptId: string): Promise<void> {
    const { id } = seen;
    if (seen.duplicateOf === null) {
      const metadata = { [DUPLICATE]: keptId };
      await asked(() => this.stripe.subscriptions.update(id, { metadata }));
    }
    if (isLive(seen)) {
      const end = { prorate: false, invoice_now: false };
      await orRefused(() => asked(() => this.stripe.subscriptions.cancel(id, end)));
    }
    const paid = await asked(() =>
      this.stripe.invoices.list({ subscription: id, status: 'paid', limit: LIST_SIZE }),
    );
    for (const { id: invoice } of paid.data) {
      const query = { invoice: invoice ?? '', status: 'paid' as const };
      const payments = await asked(() => this.stripe.invoicePayments.list(query));
      for (const { payment } of payments.data)
        await this.payBack(idOf(payment.payment_intent ?? null), id);
    }
  }

  private async payBack(paymentIntent: string | null, subscriptionId: string): Promise<void> {
    if (paymentIntent === null) return;
    const refund = {
      ...{ payment_intent: paymentIntent, reason: 'duplicate' as const },
      metadata: { orbit_duplicate_subscription: subscriptionId },
    };
    const idempotencyKey = `orbit-duplicate-${paymentIntent}`;
    await orRefused(() => asked(() => this.stripe.refunds.create(refund, { idempotencyKey })));
  }

  async readSubscription(subscriptionId: string): Promise<SubscriptionSnapshot | null> {
    const expand = ['default_payment_method'];
    const read = await askedOrMissing(() =>
      this.stripe.subscriptions.retrieve(subscriptionId, { expand }),
    );
    const item = read?.items.data[0];
    if (read === null || item === undefined) return null;
    const method = objectOf(read.default_payment_method);
    const customerId = idOf(read.customer);
    const paymentMethod =
      method === null ? await this.defaultOf(customerId) : methodView(method.type, method.card);
    return toSnapshot(read, item, paymentMethod);
  }

  async readInvoice(invoiceId: string): Promise<InvoiceSnapshot | null> {
    const read = await askedOrMissing(() => this.stripe.invoices.retrieve(invoiceId));
    const subscriptionId = idOf(read?.parent?.subscription_details?.subscription ?? null);
    if (read === null || subscriptionId === null) return null;
    // What it pays for: of several lines (a change within a period) the one that lasts longest.
    const [line] = [...read.lines.data].sort(
      (a, b) => b.period.end - a.period.end || b.period.start - a.period.start,
    );
    return {
      id: invoiceId,
      subscriptionId,
      number: read.number,
      amountMinor: read.total,
      currency: read.currency.toUpperCase(),
      status: read.status ?? 'draft',
      periodStartMs: (line?.period.start ?? read.period_start) * 1_000,
      periodEndMs: (line?.period.end ?? read.period_end) * 1_000,
      pdfUrl: read.invoice_pdf ?? read.hosted_invoice_url ?? null,
      createdMs: read.created * 1_000,
    };
  }

  async update(seen: SubscriptionSnapshot, update: SubscriptionUpdate): Promise<void> {
    const { stripePriceId, held, cancelAtPeriodEnd, isPaidNow } = update;
    const price =
      stripePriceId === undefined
        ? {}
        : {
            items: [{ id: seen.itemId, price: stripePriceId }],
            ...(isPaidNow
              ? {
                  proration_behavior: 'always_invoice' as const,
                  payment_behavior: 'error_if_incomplete' as const,
                }
              : { proration_behavior: 'none' as const }),
          };
    const params = {
      ...price,
      ...(cancelAtPeriodEnd === undefined ? {} : { cancel_at_period_end: cancelAtPeriodEnd }),
      ...(held === undefined ? {} : { metadata: heldMetadata(held) }),
    };
    await asked(() => this.stripe.subscriptions.update(seen.id, params).catch(declined));
  }

  private async defaultOf(customerId: string | null): Promise<SavedMethodView | null> {
    if (customerId === null) return null;
    const methods = await this.saved.listMethods(customerId);
    const chosen = methods.find(({ isDefault }) => isDefault);
    return chosen === undefined ? null : methodView(chosen.type, chosen.card ?? undefined);
  }
}

/** It was done before: ended, or paid back. */
async function orRefused(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ProviderFailure && error.options.isRefusal)) throw error;
  }
}

const methodView = (
  type: string,
  card: { readonly last4: string; readonly brand: string } | undefined,
): SavedMethodView => ({ type, last4: card?.last4 ?? null, brand: card?.brand ?? null });

/** A card that does not pay is an answer, not a fault of Stripe's. */
function declined(error: unknown): never {
  if (!(error instanceof Stripe.errors.StripeCardError)) throw error;
  throw new OrbitError('payment_declined', 'The payment was declined; the plan is unchanged.', {
    details: { decline_code: error.decline_code ?? error.code ?? null },
    cause: error,
  });
}

const heldMetadata = (held: HeldPrice | null) =>
  held === null
    ? NOTHING_HELD
    : {
        orbit_held: [
          ...[held.priceId, held.planId, held.amountMinor, held.stripePriceId, held.untilMs],
        ].join(' '),
      };

function heldOf(text: string | undefined): HeldPrice | null {
  const [priceId, planId, amount, stripePriceId, until] = (text ?? '').split(' ');
  if (!priceId || !planId || !stripePriceId) return null;
  const [amountMinor, untilMs] = [Number(amount), Number(until)];
  if (!Number.isSafeInteger(amountMinor) || !Number.isSafeInteger(untilMs)) return null;
  return { priceId, planId, amountMinor, stripePriceId, untilMs };
}

function toSnapshot(
  read: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  paymentMethod: SavedMethodView | null,
): SubscriptionSnapshot {
  const { orbit_price_id: priceId, orbit_plan_id: planId } = item.price.metadata;
  const amountMinor = item.price.unit_amount;
  const isOurs = priceId !== undefined && planId !== undefined && amountMinor !== null;
  return {
    id: read.id,
    organizationId: read.metadata['orbit_organization_id'] ?? null,
    customerId: idOf(read.customer),
    duplicateOf: read.metadata[DUPLICATE] || null,
    status: read.status,
    startMs: read.start_date * 1_000,
    endedMs: read.ended_at === null ? null : read.ended_at * 1_000,
    periodStartMs: item.current_period_start * 1_000,
    periodEndMs: item.current_period_end * 1_000,
    cancelAtPeriodEnd: read.cancel_at_period_end,
    itemId: item.id,
    price: isOurs ? { priceId, planId, amountMinor } : null,
    stripePriceId: item.price.id,
    held: heldOf(read.metadata['orbit_held']),
    paymentMethod,
  };
}
