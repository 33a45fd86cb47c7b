import type { PlanTransaction } from '../../catalogue/application/plan-ports.js';
import type { PriceScope } from '../../catalogue/application/price-ports.js';
import type { Price } from '../../catalogue/domain/price.js';
import type { KnownPriceName } from '../domain/overrides.js';
import type {
  BillingCatalogue,
  BillingCustomers,
  SubscriptionTransaction,
} from '../../billing/domain/stores.js';
import type { BillingCustomer, Subscription } from '../../billing/domain/subscription.js';
import type { Redemptions } from './redemptions.js';
import type { Decimal } from '@orbit/pricing';
import type { PaidElsewhere } from '../domain/payment-elsewhere.js';
import type { PendingTransaction } from './pending-ports.js';
import type { Facts } from '../../webhooks/domain/fact.js';

/** A price that exists, and who may take it. */
export interface Offer {
  readonly price: Price;
  readonly scope: PriceScope;
  readonly isArchived: boolean;
}

/** The catalogue as subscriptions take from it, in their transaction. Errors: the database's own. */
export interface Offers extends PlanTransaction {
  /** Null: the account has none. By external id the one that is not archived, then the newest. */
  offer(accountId: string, name: KnownPriceName): Promise<Offer | null>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Documents of a subscription at one moment: their ids and what they were. */
export type DocumentMark = ReadonlyMap<string, string>;

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
  /** Which documents there are, to compare with later. */
  mark(accountId: string, subscriptionId: string): Promise<DocumentMark>;
  /** `changed_resources` of the contract, since they were marked. */
  changedSince(accountId: string, subscriptionId: string, before: DocumentMark): Promise<Fields>;
  /** Whether an invoice for a day after this instant was paid. */
  hasPaidAfter(accountId: string, subscriptionId: string, ms: number): Promise<boolean>;
  /** Money that was collected elsewhere, for the customer's balance. */
  credit(
    subscription: Subscription,
    customer: BillingCustomer,
    amount: Decimal,
    description: string | null,
    nowMs: number,
  ): Promise<void>;
  /** Marks what is payable of the documents that came since then as paid; how much that was. */
  payNew(
    accountId: string,
    subscriptionId: string,
    before: DocumentMark,
    payment: PaidElsewhere,
    nowMs: number,
  ): Promise<Decimal>;
}

/** Everything that a change of a subscription changes together. Errors: the database's own. */
export interface ChangeTransaction {
  readonly subscriptions: SubscriptionTransaction;
  readonly catalogue: Pick<BillingCatalogue, 'planView'>;
  readonly offers: Offers;
  readonly coupons: Redemptions;
  readonly pending: PendingTransaction;
  /** Does everything and rolls it back; its result stays. */
  rolledBack<T>(work: () => Promise<T>): Promise<T>;
  readonly documents: SubscriptionDocuments;
  /** Facts for receivers of webhooks. */
  readonly facts: Facts;
  readonly customers: BillingCustomers & {
    /** Nobody else changes its balance or currency until the transaction ends. */
    lock(accountId: string, id: string): Promise<BillingCustomer | null>;
    setCurrency(id: string, currency: string): Promise<void>;
  };
}
