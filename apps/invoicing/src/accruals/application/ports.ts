import type { BillingCustomer, Subscription } from '../../billing/domain/subscription.js';
import type { DrawPart, DrawPlan } from '../../draws/domain/draw-plan.js';

/** A subscription, and how it was seen when its usage was reported last. */
export interface AccrualSubject {
  readonly accountId: string;
  readonly id: string;
  readonly rowVersion: string;
  /** Of its documents: another text when one came or went on. */
  readonly documents: string;
  /** It or its documents changed: it is looked at whatever usage says. */
  readonly isDue: boolean;
  /** Null: it never was. */
  readonly seenUsage: string | null;
  readonly customerIds: readonly string[];
  /** Currencies and units in which the ledger may keep something of it. */
  readonly currencies: readonly string[];
}

/** Errors: the database's own. */
export interface AccrualWatch {
  /** Lists the customers with subscriptions, of one account or of all. */
  customers(accountId: string | null): Promise<readonly string[]>;
  /** Subscriptions of these customers, and all of which the ledger may keep something. */
  subjects(
    accountId: string | null,
    customerIds: readonly string[],
  ): Promise<readonly AccrualSubject[]>;
  /** Called before the ledger gets a report: one in doubt is sent again. */
  begin(subject: AccrualSubject, currencies: readonly string[]): Promise<void>;
  markReported(
    subject: AccrualSubject,
    seen: {
      readonly usageVersion: string;
      readonly customerIds: readonly string[];
      readonly currencies: readonly string[];
      readonly isOver: boolean;
    },
  ): Promise<void>;
}

/** A subscription's usage that is on no document. Errors: unavailable, timeout. */
export interface AccruedPlans {
  /** Null: a document is being drawn just now. */
  accrued(
    subscription: Subscription,
    customer: BillingCustomer,
    nowMs: number,
  ): Promise<DrawPlan | null>;
}

/** The ledger. Errors: unavailable, timeout. */
export interface PendingLedger {
  holders(customerIds: readonly string[]): Promise<ReadonlySet<string>>;
  accrue(usage: {
    readonly customerId: string;
    readonly currency: string;
    readonly subscriptionId: string;
    readonly version: string;
    readonly parts: readonly DrawPart[];
  }): Promise<void>;
}

/** Orders the reports to the ledger. Errors: the database's own. */
export interface AccrualVersions {
  next(): Promise<string>;
}

/** By customer, a text that changes whenever the customer's usage does. Errors: unavailable, timeout. */
export interface UsageVersions {
  versions(accountId: string, customerIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface AccrualReads {
  readonly subscriptions: { read(accountId: string, id: string): Promise<Subscription | null> };
  readonly customers: {
    find(accountId: string, name: { readonly id: string }): Promise<BillingCustomer | null>;
  };
}
