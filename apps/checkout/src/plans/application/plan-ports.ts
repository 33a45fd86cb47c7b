import type { PricedPlan } from '@orbit/contracts';
import type { HeldPrice, InvoiceSnapshot, SubscriptionSnapshot } from '../domain/subscription.js';

export interface PlanPage {
  readonly organizationId: string;
  readonly customerId: string;
  readonly stripePriceId: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** A change that its owner confirms on Stripe's page. */
export interface UpgradePage {
  readonly customerId: string;
  readonly seen: SubscriptionSnapshot;
  readonly stripePriceId: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** Changes of a subscription; an absent field stays as it is. */
export interface SubscriptionUpdate {
  readonly stripePriceId?: string;
  /** The difference is paid at once, or nothing changes; else the price counts from the next period. */
  readonly isPaidNow?: boolean;
  readonly cancelAtPeriodEnd?: boolean;
  /** Null: nothing is held any more. */
  readonly held?: HeldPrice | null;
}

/** Stripe, about plans. Every call throws ProviderFailure when it cannot be answered. */
export interface PlanProvider {
  /** The price at Stripe that has our id as its lookup key; made when there is none. */
  ensurePrice(plan: PricedPlan): Promise<string>;
  openPage(page: PlanPage, idempotencyKey: string): Promise<string>;
  /** Stripe's page that confirms the change and pays the difference. */
  openUpgradePage(page: UpgradePage): Promise<string>;
  /** Ends the pages that the customer has not paid yet; one that is being paid may stay. */
  expirePages(customerId: string): Promise<void>;
  /** All of the customer's that are not over. */
  listLive(customerId: string): Promise<readonly SubscriptionSnapshot[]>;
  /** Ends one that was bought twice, and pays back what was paid for it. Safe to repeat. */
  undo(seen: SubscriptionSnapshot, keptId: string): Promise<void>;
  /** The customer's newest one that is not over. */
  readLive(customerId: string): Promise<SubscriptionSnapshot | null>;
  readSubscription(subscriptionId: string): Promise<SubscriptionSnapshot | null>;
  /** Null also for an invoice that is no subscription's. */
  readInvoice(invoiceId: string): Promise<InvoiceSnapshot | null>;
  update(seen: SubscriptionSnapshot, update: SubscriptionUpdate): Promise<void>;
}

export interface StoredPlanPage {
  readonly bodyHash: string;
  readonly url: string;
}

export interface PlanStore {
  readStripePrice(priceId: string): Promise<string | null>;
  readPriceOf(stripePriceId: string): Promise<string | null>;
  /** Keeps the first one. */
  savePrice(priceId: string, stripePriceId: string, nowMs: number): Promise<void>;
  readPage(organizationId: string, idempotencyKey: string): Promise<StoredPlanPage | null>;
  /** Keeps the first one of a key, and answers it. */
  savePage(
    organizationId: string,
    idempotencyKey: string,
    page: StoredPlanPage,
    nowMs: number,
  ): Promise<StoredPlanPage>;
  /** Higher than every number drawn before. */
  nextVersion(): Promise<bigint>;
}
