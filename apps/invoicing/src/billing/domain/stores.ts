import type { CreatedBetween, PageQuery } from '@orbit/orb-api';
import type { ContractPrice } from '../../timeline/domain/terms.js';
import type { BillingCustomer, SubscribablePlan, Subscription } from './subscription.js';

// Where subscriptions and what they name are kept: for the room that changes them and the one that bills them.

type Fields = Readonly<Record<string, unknown>>;

/** A customer by one of its two names. */
export type CustomerName = { readonly id: string } | { readonly externalCustomerId: string };

export interface BillingCustomers {
  /** Null when the account has none of this name. */
  find(accountId: string, name: CustomerName): Promise<BillingCustomer | null>;
}

export type CatalogueName = { readonly id: string } | { readonly externalId: string };

export interface BillingCatalogue {
  /** `version` null: the plan's default. Null when there is none. */
  plan(
    accountId: string,
    name: CatalogueName,
    version: number | null,
  ): Promise<SubscribablePlan | null>;
  /** A plan in one version as the contract shows it. */
  planView(accountId: string, planId: string, version: number): Promise<Fields | null>;
  price(accountId: string, name: CatalogueName): Promise<ContractPrice | null>;
}

export interface SubscriptionsOf {
  /** Oldest first. */
  listOf(accountId: string, customerId: string): Promise<readonly Subscription[]>;
}

export interface SubscriptionQuery extends PageQuery {
  readonly customerIds: readonly string[] | null;
  readonly externalCustomerIds: readonly string[] | null;
  readonly planId: string | null;
  readonly statuses: readonly string[] | null;
  readonly nowMs: number;
  readonly created: CreatedBetween;
}

export interface Subscriptions extends SubscriptionsOf {
  read(accountId: string, id: string): Promise<Subscription | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: SubscriptionQuery): Promise<readonly Subscription[]>;
  /** Those that have redeemed a coupon; in the order of `list`. */
  listRedeeming(query: PageQuery, couponId: string): Promise<readonly Subscription[]>;
}

export interface SubscriptionTransaction extends Subscriptions {
  /** As `read`; nobody else changes it until the transaction ends. */
  lock(accountId: string, id: string): Promise<Subscription | null>;
  insert(subscription: Omit<Subscription, 'position'>): Promise<void>;
  /** `nextDueMs`: when the billing run looks at it next. */
  save(subscription: Omit<Subscription, 'position'>, nextDueMs: number | null): Promise<void>;
  countOf(customerId: string): Promise<number>;
}
