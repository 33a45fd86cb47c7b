import type {
  BillingCatalogue,
  BillingCustomers,
  SubscriptionTransaction,
} from '../../billing/domain/stores.js';
import type { BillingCustomer, Subscription } from '../../billing/domain/subscription.js';
import type { Offers } from './offers.js';
import type { Redemptions } from './redemptions.js';
import type { Facts } from '../../webhooks/domain/fact.js';

/** The documents of subscriptions, as billing keeps them. In the transaction of the change. */
export interface SubscriptionDocuments {
  /** Brings them up to an instant and keeps the subscription. The caller holds the locks of subscription and customer. */
  advance(subscription: Subscription, customer: BillingCustomer, nowMs: number): Promise<void>;
  /** Whether a change takes back anything that was billed. */
  wouldGiveBack(
    subscription: Subscription,
    customer: BillingCustomer,
    nowMs: number,
  ): Promise<boolean>;
}

/** Everything that a change of a subscription changes together. Errors: the database's own. */
export interface ChangeTransaction {
  readonly subscriptions: SubscriptionTransaction;
  readonly catalogue: Pick<BillingCatalogue, 'planView'>;
  readonly offers: Offers;
  readonly coupons: Redemptions;
  readonly documents: SubscriptionDocuments;
  /** What receivers of webhooks are told. */
  readonly facts: Facts;
  readonly customers: BillingCustomers & {
    /** Nobody else changes its balance or currency until the transaction ends. */
    lock(accountId: string, id: string): Promise<BillingCustomer | null>;
    setCurrency(id: string, currency: string): Promise<void>;
  };
}
