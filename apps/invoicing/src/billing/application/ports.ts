import type { Listed, Metadata, PageQuery, CreatedBetween } from '@orbit/orb-api';
import type { Usage } from '@orbit/pricing';
import type { Facts } from '../../webhooks/domain/fact.js';
import type { PlannedPhase } from '../domain/timeline/phases.js';
import type { ContractAdjustment, ContractPrice } from '../domain/timeline/terms.js';
import type { Timeline } from '../domain/timeline/timeline.js';
import type { InvoiceTransaction } from './invoice-ports.js';

type Fields = Readonly<Record<string, unknown>>;

/** What of a subscription is said once and not dated; as the contract names it. */
export interface SubscriptionSettings {
  readonly auto_collection: boolean | null;
  readonly auto_issuance: boolean | null;
  readonly net_terms: number;
  readonly default_invoice_memo: string | null;
  readonly invoicing_threshold: string | null;
}

/** A subscription that is billed here. */
export interface Subscription extends Listed {
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly name: string;
  readonly metadata: Metadata;
  readonly settings: SubscriptionSettings;
  readonly timeline: Timeline;
}

/** What billing needs to know of a customer. */
export interface BillingCustomer {
  readonly id: string;
  readonly externalCustomerId: string | null;
  readonly timezone: string;
  readonly currency: string | null;
  readonly autoCollection: boolean;
  readonly autoIssuance: boolean | null;
  readonly details: Fields;
  /** As the contract shows it. */
  readonly view: Fields;
}

/** A customer by one of its two names. */
export type CustomerName = { readonly id: string } | { readonly externalCustomerId: string };

export interface SubscriptionsOf {
  /** Oldest first. */
  listOf(accountId: string, customerId: string): Promise<readonly Subscription[]>;
}

export interface BillingCustomers {
  /** Null when the account has none of this name. */
  find(accountId: string, name: CustomerName): Promise<BillingCustomer | null>;
}

/** A version of a plan, ready to be subscribed to. */
export interface SubscribablePlan {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly status: 'active' | 'archived' | 'draft';
  readonly invoicingCurrency: string;
  readonly netTerms: number | null;
  readonly defaultInvoiceMemo: string | null;
  readonly trialDays: number | null;
  readonly phases: readonly PlannedPhase[] | null;
  readonly prices: readonly ContractPrice[];
  readonly adjustments: readonly ContractAdjustment[];
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

/** What one charge asks usage-metering. */
export interface UsageAsk {
  /** Of the charge. */
  readonly key: string;
  readonly intervalId: string;
  readonly customerIds: readonly string[];
  readonly metricId: string;
  readonly filter: string | null;
  readonly dimensions: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
}

export type UsageByKey = ReadonlyMap<string, Usage>;

/** What usage-metering counts. Errors: unavailable, timeout. */
export interface UsageSource {
  /** As of now. */
  read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey>;
  /** For good; may be repeated. Null: not everything that was accepted is counted yet. */
  close(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey | null>;
  /** Names of metrics by id; unknown ids are left out. */
  names(accountId: string, metricIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
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
}

export interface SubscriptionTransaction extends Subscriptions {
  /** As `read`; nobody else changes it until the transaction ends. */
  lock(accountId: string, id: string): Promise<Subscription | null>;
  insert(subscription: Omit<Subscription, 'position'>): Promise<void>;
  /** `nextDueMs`: when the billing run looks at it next. */
  save(subscription: Omit<Subscription, 'position'>, nextDueMs: number | null): Promise<void>;
  countOf(customerId: string): Promise<number>;
}

/** Items as lines that somebody writes name them. */
export interface BillingItems {
  /** Null when the account has none with this id. */
  read(
    accountId: string,
    id: string,
  ): Promise<{ readonly id: string; readonly name: string } | null>;
  /** The newest of this name; made where there is none. */
  named(
    accountId: string,
    name: string,
    nowMs: number,
  ): Promise<{ readonly id: string; readonly name: string }>;
}

/** Everything that billing changes together. */
export interface BillingTransaction {
  readonly subscriptions: SubscriptionTransaction;
  readonly invoices: InvoiceTransaction;
  readonly catalogue: Pick<BillingCatalogue, 'planView'>;
  readonly items: BillingItems;
  /** What receivers of webhooks are told. */
  readonly facts: Facts;
  readonly customers: BillingCustomers & {
    /** Nobody else changes its balance or currency until the transaction ends. */
    lock(accountId: string, id: string): Promise<BillingCustomer | null>;
    setCurrency(id: string, currency: string): Promise<void>;
  };
}

/** A transaction of the billing run. Errors: the database's own. */
export interface BillingRuns {
  run<T>(work: (tx: BillingTransaction) => Promise<T>): Promise<T>;
}
