import type {
  BillingCustomer,
  Subscription,
  UsageAsk,
  UsageByKey,
} from '../../billing/domain/subscription.js';

/** Subscriptions as billing keeps them. Errors: the database's own. */
export interface KnownSubscriptions {
  read(accountId: string, id: string): Promise<Subscription | null>;
  /** Oldest first. */
  listOf(accountId: string, customerId: string): Promise<readonly Subscription[]>;
}

export interface KnownCustomers {
  find(accountId: string, name: { readonly id: string }): Promise<BillingCustomer | null>;
}

/** Usage-metering's counts. Errors: unavailable, timeout. */
export interface CountedUsage {
  read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey>;
  /** Names of metrics by id; unknown ids are left out. */
  names(accountId: string, metricIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
