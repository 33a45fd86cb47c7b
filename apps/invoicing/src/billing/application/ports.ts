import type {
  AppliedCredits,
  CreditToReturn,
  DocumentCharges,
  DrawFacts,
  DrawnDocument,
  DrawPlan,
} from '../../draws/domain/draw-plan.js';
import type { Allocation } from '../../purchases/domain/allocation.js';
import type { InvoicePaymentState } from '../domain/invoice.js';
import type { TaxRate } from '../../taxes/domain/tax-rate.js';
import type { Facts } from '../../webhooks/domain/fact.js';
import type { InvoiceTransaction, BilledLine, Invoice } from './invoice-ports.js';
import type {
  BillingCatalogue,
  BillingCustomers,
  SubscriptionTransaction,
} from '../domain/stores.js';
import type {
  Subscription,
  BillingCustomer,
  UsageAsk,
  UsageByKey,
} from '../domain/subscription.js';

export type {
  SubscriptionSettings,
  Subscription,
  BillingCustomer,
  SubscribablePlan,
  UsageAsk,
  UsageByKey,
} from '../domain/subscription.js';

export type {
  BillingCatalogue,
  BillingCustomers,
  CatalogueName,
  CustomerName,
  SubscriptionQuery,
  Subscriptions,
  SubscriptionsOf,
  SubscriptionTransaction,
} from '../domain/stores.js';

/** Usage-metering's counts. Errors: unavailable, timeout. */
export interface UsageSource {
  /** As of now. */
  read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey>;
  /** For good; may be repeated. Null: not everything that was accepted is counted yet. */
  close(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey | null>;
  /** `read` of many subscriptions, in their order. */
  readAll(
    accountId: string,
    asks: readonly (readonly UsageAsk[])[],
  ): Promise<readonly UsageByKey[]>;
  /** `close` of many subscriptions, in their order. */
  closeAll(
    accountId: string,
    asks: readonly (readonly UsageAsk[])[],
  ): Promise<readonly UsageByKey[] | null>;
  /** Names of metrics by id; unknown ids are left out. */
  names(accountId: string, metricIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
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

/**
 * Where the rates of an account come from: its own table, or somebody who knows them. They are asked for with the
 * issue, so they are kept at hand. Errors: the database's own.
 */
export interface TaxProvider {
  read(accountId: string): Promise<readonly TaxRate[]>;
}

/** Credit that plans give. Errors: the database's own. */
export interface AllocatedCredit {
  /** Once per charge; the ledger is asked for it later. */
  keep(
    subscription: Subscription,
    customer: BillingCustomer,
    allocations: readonly Allocation[],
    nowMs: number,
  ): Promise<void>;
}

/** Everything that billing changes together. */
export interface BillingTransaction {
  readonly subscriptions: SubscriptionTransaction;
  readonly invoices: InvoiceTransaction;
  readonly catalogue: Pick<BillingCatalogue, 'planView'>;
  readonly items: BillingItems;
  readonly taxes: TaxProvider;
  readonly allocations: AllocatedCredit;
  /** Facts for receivers of webhooks. */
  readonly facts: Facts;
  readonly customers: BillingCustomers & {
    /** Nobody else changes its balance or currency until the transaction ends. */
    lock(accountId: string, id: string): Promise<BillingCustomer | null>;
    setCurrency(id: string, currency: string): Promise<void>;
  };
}

/** Prepaid credit for documents. Errors: unavailable, timeout. */
export interface DocumentCredits {
  /** The facts that a plan of draws needs. */
  facts(document: DocumentCharges): Promise<DrawFacts>;
  /** `facts` of many documents of an account, in their order. */
  factsOfAll(
    accountId: string,
    documents: readonly DocumentCharges[],
  ): Promise<readonly DrawFacts[]>;
  /** Books what a plan says, for good; may be repeated. */
  draw(document: DrawnDocument, plan: DrawPlan): Promise<AppliedCredits>;
  /** The result of a draw if it were made now. */
  preview(customerId: string, documentId: string, plan: DrawPlan): Promise<AppliedCredits>;
  /** May be repeated. */
  giveBack(credit: CreditToReturn): Promise<void>;
}

/** The subject of work in a batch: a subscription, and which of its documents where it is about one. */
export interface BatchSubject {
  readonly subscriptionId: string;
  readonly invoiceId: string | null;
}

/** The work of many subjects in one transaction. Errors: a lost connection to the database; then nothing is written. */
export interface BillingBatches {
  /**
   * `work` is done for each as if it were alone. Returns those that need a transaction of their own, of which nothing
   * was written: also all of them, where the database refused the batch.
   */
  run(
    accountId: string,
    subjects: readonly BatchSubject[],
    work: (tx: BillingTransaction, subject: BatchSubject) => Promise<void>,
  ): Promise<readonly BatchSubject[]>;
}

/** Payments by saved methods. Errors: payment_method_required, payment_provider_error, unavailable, timeout. */
export interface InvoicePayments {
  /** Once per payment; a repeat is answered with how it stands now. */
  pay(of: {
    readonly customerId: string;
    readonly invoiceId: string;
    readonly paymentId: string;
    readonly description: string;
    readonly amountMinor: number;
    readonly currency: string;
  }): Promise<InvoicePaymentState>;
}

/** Invoices that collect themselves. Errors: the database's own. */
export interface DueCollections {
  /** Accounts of which any is charged at some time. */
  collecting(): Promise<readonly string[]>;
  /** The earliest instant at which an invoice is charged. */
  nextCollectionMs(accountId: string): Promise<number | null>;
  /** Invoices to be charged now, earliest first; not those that somebody is paying. */
  collections(accountId: string, untilMs: number): Promise<readonly string[]>;
}

/** Payments of which nobody learned the outcome for a while. Errors: the database's own. */
export interface OpenPayments {
  list(): Promise<readonly { readonly accountId: string; readonly invoiceId: string }[]>;
}

/** A transaction of the billing run. Errors: the database's own. */
export interface BillingRuns {
  run<T>(work: (tx: BillingTransaction) => Promise<T>): Promise<T>;
}

/** A draft with what it is made from. */
export interface DueDraft {
  readonly invoice: Invoice;
  readonly subscription: Subscription;
  readonly billed: readonly BilledLine[];
}

/** A subscription with an invoicing threshold, and how it was seen when it was judged last. */
export interface ThresholdSubject {
  readonly accountId: string;
  readonly id: string;
  readonly rowVersion: string;
  /** It changed: it is judged whatever usage says. */
  readonly isDue: boolean;
  /** Null: it never was. */
  readonly seenUsage: string | null;
  readonly customerIds: readonly string[];
}

/** Errors: the database's own. */
export interface ThresholdWatch {
  /** All accounts' when `accountId` is null. Those that ended and were judged since are left out. */
  subjects(accountId: string | null): Promise<readonly ThresholdSubject[]>;
  judged(
    subject: ThresholdSubject,
    seen: {
      readonly usageVersion: string;
      readonly customerIds: readonly string[];
      readonly isOver: boolean;
    },
  ): Promise<void>;
}

/** By customer, a text that changes whenever the customer's usage does. Errors: unavailable, timeout. */
export interface UsageVersions {
  versions(accountId: string, customerIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** The due work of the billing run. Errors: the database's own. */
export interface DueWork {
  /** Accounts of which anything is due at some time. */
  accounts(): Promise<readonly string[]>;
  /** The earliest instant at which anything of an account is due. */
  nextDueMs(accountId: string): Promise<number | null>;
  /** Subscriptions that are to be looked at, earliest first. */
  subscriptions(accountId: string, untilMs: number): Promise<readonly string[]>;
  /** Drafts that are to be issued, earliest first. */
  drafts(accountId: string, untilMs: number): Promise<readonly string[]>;
  /** Prepaid credit that the ledger has not received yet, oldest first. */
  returns(accountId: string, untilMs: number): Promise<readonly CreditToReturn[]>;
  /** Marks it as received by the ledger. */
  returned(id: string): Promise<void>;
  /** Partial invoices of a subscription that are on their way, earliest first. */
  partials(accountId: string, subscriptionId: string): Promise<readonly string[]>;
  /**
   * Those of these drafts that nothing else has to go before: of a subscription, without partial invoices on their way.
   * In their order.
   */
  ready(accountId: string, invoiceIds: readonly string[]): Promise<readonly DueDraft[]>;
  /** Null when it is issued, or of no subscription. */
  draft(accountId: string, invoiceId: string): Promise<DueDraft | null>;
}
