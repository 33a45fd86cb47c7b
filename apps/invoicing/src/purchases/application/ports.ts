import type { CreditSaleOpened, CreditSaleState } from '@orbit/contracts';
import type { PageQuery } from '@orbit/orb-api';
import type { Decimal } from '@orbit/pricing';
import type { InvoiceParts } from '../../billing/domain/invoice.js';
import type { OneOffOrder } from '../domain/one-off-order.js';
import type { BillingCustomers } from '../../billing/domain/stores.js';
import type { BillingCustomer } from '../../billing/domain/subscription.js';
import type { Facts } from '../../webhooks/domain/fact.js';
import type { Purchase, PurchaseStage } from '../domain/purchase.js';
import type { NewTopUp, SeenStep, TopUp } from '../domain/top-up.js';

/** A purchase, and how its invoice stands; null: there is none yet. */
export interface FollowedPurchase extends Purchase {
  readonly invoiceStatus: InvoiceParts['invoice']['status'] | null;
}

export type NewPurchase = Omit<Purchase, 'stage' | 'invoiceId' | 'entry' | 'refusal'>;

/** Errors: the database's own. */
export interface Purchases {
  read(id: string): Promise<FollowedPurchase | null>;
  ofInvoice(accountId: string, invoiceId: string): Promise<FollowedPurchase | null>;
  /** Those that wait for nobody, oldest first. `hasVoids`: also granted ones whose invoice is void. */
  listUnfinished(hasVoids: boolean): Promise<readonly string[]>;
}

export interface PurchaseTransaction extends Purchases {
  /** False: there is one of this id already. */
  insert(purchase: NewPurchase): Promise<boolean>;
  lock(id: string): Promise<FollowedPurchase | null>;
  /** The caller holds its lock. */
  move(
    id: string,
    stage: PurchaseStage,
    more?: Partial<Pick<Purchase, 'invoiceId' | 'entry' | 'refusal'>>,
  ): Promise<void>;
}

/** Errors: the database's own. */
export interface TopUps {
  read(id: string): Promise<TopUp | null>;
  /** Active ones, newest first; one more than the limit where there are more. */
  list(query: PageQuery, customerId: string): Promise<readonly TopUp[]>;
  /** Active ones from their day on, without those that have a block under way. Of all accounts when null. */
  listWatching(accountId: string | null): Promise<readonly TopUp[]>;
  /** The earliest day, no later than `untilMs`, from which one is active that was not looked at yet. */
  nextActiveMs(accountId: string, untilMs: number): Promise<number | null>;
}

export interface TopUpTransaction extends TopUps {
  /** In place of the one that the customer has in this currency. */
  replace(topUp: NewTopUp): Promise<void>;
  /** False: it is not active. */
  end(id: string, customerId: string, nowMs: number): Promise<boolean>;
  /** False: somebody else has looked further meanwhile, or it has ended. */
  advance(topUp: TopUp, sequence: bigint): Promise<boolean>;
  /** After a block of it was booked: what came before is not looked at any more. */
  seen(id: string, sequence: bigint): Promise<void>;
  /** Purchases of it that wait for their payment. */
  listPending(id: string): Promise<readonly Purchase[]>;
}

/** Invoices of what is sold, as billing keeps them. */
export interface SaleInvoices {
  read(accountId: string, id: string): Promise<InvoiceParts | null>;
  /** The caller holds the customer's lock. */
  raise(order: OneOffOrder, customer: BillingCustomer, nowMs: number): Promise<void>;
  void(accountId: string, id: string, nowMs: number): Promise<void>;
}

/** Everything that a step of a purchase changes together. */
export interface SaleTransaction {
  readonly purchases: PurchaseTransaction;
  readonly topUps: TopUpTransaction;
  readonly invoices: SaleInvoices;
  readonly items: { read(accountId: string, id: string): Promise<{ readonly id: string } | null> };
  readonly customers: BillingCustomers & {
    lock(accountId: string, id: string): Promise<BillingCustomer | null>;
  };
  readonly facts: Facts;
}

/** A transaction. Errors: the database's own. */
export interface Sales {
  run<T>(work: (tx: SaleTransaction) => Promise<T>): Promise<T>;
}

/** The ledger's part of a sale. Errors: unavailable, timeout. */
export interface CreditSales {
  open(purchase: Purchase): Promise<CreditSaleOpened>;
  grant(id: string, expiresAtMs: number | null): Promise<CreditSaleState>;
  cancel(id: string): Promise<CreditSaleState>;
}

/** Balances as the ledger books them. Errors: unavailable, timeout. */
export interface WatchedBalances {
  stepsAfter(
    wallets: readonly {
      readonly customerId: string;
      readonly currency: string;
      readonly sequence: bigint;
    }[],
  ): Promise<readonly (readonly SeenStep[])[]>;
  now(wallet: {
    readonly customerId: string;
    readonly currency: string;
  }): Promise<{ readonly sequence: bigint; readonly balance: Decimal }>;
}
