import { createHash, randomUUID } from 'node:crypto';
import {
  OrbitError,
  type ChangePlan,
  type CreatePlanCheckout,
  type PlanState,
  type PricedPlan,
} from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import {
  holdOf,
  planState,
  presentPrice,
  type SubscriptionSnapshot,
} from '../domain/subscription.js';
import { keyConflict, requireIdempotencyKey } from '../../topups/application/idempotency-key.js';
import type { CustomerDirectory } from '../../topups/application/customer-directory.js';
import type { PlanProvider, PlanStore, SubscriptionUpdate } from './plan-ports.js';
import { ProviderFailure } from '../../topups/application/ports.js';
import type { PublishSubscription } from './publish-subscription.js';
import { checkUrl, readOrganization } from '../../topups/application/topup-order.js';

/** Subscribes an organization to a plan and changes the subscription. Stripe keeps it; we publish its changes. */
export class ManagePlan {
  constructor(
    private readonly customers: CustomerDirectory,
    private readonly provider: PlanProvider,
    private readonly store: PlanStore,
    private readonly publish: PublishSubscription,
    private readonly clock: Clock,
  ) {}

  /**
   * A page to subscribe, or, with a plan, to move to a dearer one: the difference is paid there. A new page ends those
   * that were not paid. Errors: invalid_field, conflict, idempotency_key_conflict, payment_provider_error.
   */
  async create(request: CreatePlanCheckout): Promise<{ readonly checkout_url: string }> {
    const organizationId = readOrganization(request.organization_id);
    const { plan, success_url: successUrl, cancel_url: cancelUrl } = request;
    checkUrl(successUrl, 'successUrl');
    checkUrl(cancelUrl, 'cancelUrl');
    needAmount(plan);
    const key = readKey(request.idempotency_key);
    const bodyHash = hashOf([plan.price_id, successUrl, cancelUrl]);
    const stored = await this.store.readPage(organizationId, key);
    if (stored !== null) return pageOf(stored, bodyHash);
    const url = await answered(async () => {
      const customerId = await this.customerOf(organizationId);
      const live = await this.provider.readLive(customerId);
      if (live !== null) {
        const seen = upgradable(live, organizationId, plan);
        const stripePriceId = await this.priceOf(plan);
        const upgrade = { customerId, seen, stripePriceId, successUrl, cancelUrl };
        return this.provider.openUpgradePage(upgrade);
      }
      const stripePriceId = await this.priceOf(plan);
      await this.provider.expirePages(customerId);
      const page = { organizationId, customerId, stripePriceId, successUrl, cancelUrl };
      return this.provider.openPage(page, `orbit-plan-${hashOf([organizationId, key, bodyHash])}`);
    });
    const nowMs = this.clock.nowMs();
    return pageOf(
      await this.store.savePage(organizationId, key, { bodyHash, url }, nowMs),
      bodyHash,
    );
  }

  /** Up: at once, the difference is paid now or nothing changes. Down: with the next period. Safe to repeat. */
  async change(request: ChangePlan): Promise<PlanState> {
    const { plan } = request;
    needAmount(plan);
    return this.onLive(request.organization_id, async (seen) => {
      const present = presentPrice(seen);
      if (present === null) throw foreign();
      const held = holdOf(seen);
      const restore = held && { stripePriceId: held.stripePriceId, held: null };
      const goesOn = { cancelAtPeriodEnd: false };
      if (plan.price_id === present.priceId) {
        await this.provider.update(seen, { ...goesOn, ...restore });
        return;
      }
      const stripePriceId = await this.priceOf(plan);
      if ((plan.amount_minor ?? 0) > present.amountMinor) {
        if (restore !== null) await this.provider.update(seen, restore);
        await this.provider.update(seen, { ...goesOn, stripePriceId, isPaidNow: true });
        return;
      }
      const { periodEndMs: untilMs } = seen;
      const kept = held ?? { ...present, stripePriceId: seen.stripePriceId, untilMs };
      await this.provider.update(seen, { ...goesOn, stripePriceId, held: kept });
    });
  }

  async cancel(organizationId: string): Promise<PlanState> {
    return this.set(organizationId, { cancelAtPeriodEnd: true });
  }

  async resume(organizationId: string): Promise<PlanState> {
    return this.set(organizationId, { cancelAtPeriodEnd: false });
  }

  /** Ours for one of Stripe's; null when it stands for none. */
  async resolvePrice(stripePriceId: string): Promise<{ readonly price_id: string } | null> {
    const priceId = await this.store.readPriceOf(stripePriceId);
    return priceId === null ? null : { price_id: priceId };
  }

  private set(organizationId: string, update: SubscriptionUpdate): Promise<PlanState> {
    return this.onLive(organizationId, (seen) => this.provider.update(seen, update));
  }

  private async onLive(
    organization: string,
    act: (seen: SubscriptionSnapshot) => Promise<void>,
  ): Promise<PlanState> {
    const customerId = await this.customers.find(readOrganization(organization));
    return answered(async () => {
      const seen = customerId === null ? null : await this.provider.readLive(customerId);
      if (seen === null || seen.organizationId !== organization) throw noPlan();
      await act(seen);
      await this.publish.run({ eventId: null, subscriptionId: seen.id, invoiceId: null });
      const after = await this.provider.readSubscription(seen.id);
      const state = after === null ? null : planState(after);
      invariant(state !== null, 'a subscription that was changed is there');
      return state;
    });
  }

  private async customerOf(organizationId: string): Promise<string> {
    const minute = Math.floor(this.clock.nowMs() / 60_000);
    return this.customers.idOf(organizationId, `${organizationId}-${minute}`);
  }

  private async priceOf(plan: PricedPlan): Promise<string> {
    const known = await this.store.readStripePrice(plan.price_id);
    if (known !== null) return known;
    const made = await this.provider.ensurePrice(plan);
    await this.store.savePrice(plan.price_id, made, this.clock.nowMs());
    return made;
  }
}

const hashOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

function pageOf(stored: { bodyHash: string; url: string }, bodyHash: string) {
  if (stored.bodyHash === bodyHash) return { checkout_url: stored.url };
  throw keyConflict('This idempotency key was used for another page.');
}

/** Without a key each request opens a page of its own. */
const readKey = (key: string | undefined): string =>
  key === undefined ? randomUUID() : requireIdempotencyKey(key);

function needAmount(plan: PricedPlan): void {
  if (plan.amount_minor !== null) return;
  const message = `The price of ${plan.plan_name} is agreed with each customer. Contact sales.`;
  throw new OrbitError('invalid_field', message, { param: 'priceId' });
}

const noPlan = (): OrbitError => new OrbitError('not_found', 'The organization has no plan.');

const foreign = (): OrbitError =>
  new OrbitError('conflict', 'This subscription was changed at Stripe to a price of no plan.');

/** Stripe's page moves up, from a plan that is paid; everything else is `plan/change`. */
function upgradable(
  live: SubscriptionSnapshot,
  organizationId: string,
  plan: PricedPlan,
): SubscriptionSnapshot {
  const present = presentPrice(live);
  if (live.organizationId !== organizationId || present === null) throw foreign();
  const refuse = (message: string): never => {
    throw new OrbitError('conflict', message, { param: 'priceId' });
  };
  const change = 'POST /api/v1/billing/plan/change';
  if (plan.price_id === present.priceId) refuse('The organization has this plan.');
  if ((plan.amount_minor ?? 0) <= present.amountMinor) {
    refuse(`The organization has a plan. Move to one that is not dearer with ${change}.`);
  }
  if (holdOf(live) !== null) refuse(`A cheaper plan comes next. Take that back with ${change}.`);
  if (!['active', 'trialing'].includes(live.status)) {
    refuse('The last invoice of the plan is not paid. Pay it first.');
  }
  return live;
}

async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    throw new OrbitError('payment_provider_error', 'The payment provider did not answer.', {
      retryAfterSeconds: 1,
      cause: error,
    });
  }
}
