import type { Provider } from '@nestjs/common';
import { OrbitError, type DueWork } from '@orbit/contracts';
import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient, type Sql } from '@orbit/persistence';
import { instances, type BackgroundJob, type Feature, type Logger } from '@orbit/runtime';
import { PrismaCustomers } from '../customers/adapters/prisma-customers.js';
import type { Customer } from '../customers/application/ports.js';
import { toResponse } from '../customers/application/customer-view.js';
import type { FactsIn } from '../webhooks/webhooks.module.js';
import { SqlAllocations } from '../purchases/adapters/sql-allocations.js';
import { SqlTaxRates } from '../taxes/adapters/sql-tax-rates.js';
import { SqlAccrualVersions } from '../draws/adapters/sql-accrual-versions.js';
import { DrawCredits } from '../draws/application/draw-credits.js';
import type { CreditLedger } from '../draws/application/ports.js';
import { CreditsController } from './adapters/credits.controller.js';
import { OrbInvoicesController } from './adapters/orb-invoices.controller.js';
import { SqlBillingBatches } from './adapters/batch-billing.js';
import { PrismaBillingRuns, sqlBilling, type OtherRooms } from './adapters/sql-billing.js';
import { SqlDueWork } from './adapters/sql-due-work.js';
import { SqlThresholds } from './adapters/sql-thresholds.js';
import { ServeBalance } from './application/serve-balance.js';
import { ServeCreditNotes } from './application/serve-credit-notes.js';
import { ChangeInvoice, InvoiceFollowers, UpdateInvoice } from './application/update-invoice.js';
import { CollectInvoices } from './application/collect-invoices.js';
import { PayInvoice } from './application/pay-invoice.js';
import { OneOffInvoices } from './application/one-off-invoices.js';
import { IssueInvoice } from './application/issue-invoice.js';
import { LookAtDraft } from './application/look-at-draft.js';
import { JudgeThresholds } from './application/judge-thresholds.js';
import type {
  BillingTransaction,
  InvoicePayments,
  UsageSource,
  UsageVersions,
} from './application/ports.js';
import { SubscriptionDocuments } from './application/subscription-documents.js';
import type { InvoiceParts } from './domain/invoice.js';
import { RunBatches } from './application/run-batches.js';
import { RunBilling, RunDueAccounts } from './application/run-billing.js';
import { ServeInvoices } from './application/serve-invoices.js';
import { WriteInvoice } from './application/write-invoice.js';

export const BILLING_CONTROLLERS = [OrbInvoicesController, CreditsController];

/** Between two looks for payments whose outcome nobody learned, in milliseconds. */
const RECOVERY_INTERVAL_MS = 30_000;
/** Between two looks for what is due, in milliseconds. */
const RUN_INTERVAL_MS = 2_000;
/** Between two looks whether usage reached a threshold, in milliseconds. */
const THRESHOLD_INTERVAL_MS = 1_000;

export interface BillingParts {
  /** Where customers reach the gateway: links to documents begin with it. */
  readonly publicUrl: string;
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly accountClock: AccountClock & { standsAtMs(accountId: string): Promise<number | null> };
  readonly plansIn: OtherRooms['plans'];
  readonly usage: UsageSource;
  readonly usageVersions: UsageVersions;
  readonly credits: CreditLedger;
  readonly payments: InvoicePayments;
  readonly factsIn: FactsIn;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Subscriptions of one transaction of the billing run; absent: the usual number. */
  readonly batchSizeMax?: number;
}

/** Invoices of subscriptions that are billed here. */
export class BillingFeature implements Feature {
  readonly controllers = BILLING_CONTROLLERS;
  readonly jobs: readonly BackgroundJob[];
  readonly run: RunBilling;
  readonly thresholds: JudgeThresholds;
  readonly collections: CollectInvoices;
  readonly providers: readonly Provider[];
  /** The reads and writes that changes of subscriptions share, on a connection or in a transaction. */
  readonly transactionOf: (sql: Sql) => BillingTransaction & {
    readonly documents: SubscriptionDocuments;
    readonly oneOffs: OneOffInvoices;
  };
  /** Brings the amounts of a draft up to date. */
  readonly drafts: LookAtDraft;
  /** Features that follow an invoice once it was paid or is void. */
  readonly followers: InvoiceFollowers;
  /** Outside of a transaction. */
  readonly reads: BillingTransaction;
  private readonly accountClock: BillingParts['accountClock'];
  private readonly logger: BillingParts['logger'];

  constructor(parts: BillingParts) {
    const { prisma, clock, accountClock, usage, logger } = parts;
    this.accountClock = accountClock;
    this.logger = logger;
    const others: OtherRooms = {
      publicUrl: parts.publicUrl,
      profiles: profilesIn,
      plans: parts.plansIn,
      facts: parts.factsIn,
      taxes: (sql) => new SqlTaxRates(sql),
      allocations: (sql) => new SqlAllocations(sql),
    };
    const changes = new PrismaChanges(prisma, clock, 'invoicing', (sql) => sqlBilling(sql, others));
    const reads = sqlBilling(prisma, others);
    this.reads = reads;
    const { subscriptions, invoices, customers } = reads;
    this.transactionOf = (sql) => {
      const tx = sqlBilling(sql, others);
      return { ...tx, documents: new SubscriptionDocuments(tx), oneOffs: new OneOffInvoices(tx) };
    };
    const due = new SqlDueWork(prisma, parts.publicUrl);
    const credits = new DrawCredits(parts.credits, usage, new SqlAccrualVersions(prisma));
    const runs = new PrismaBillingRuns(prisma, others);
    const batches = new SqlBillingBatches(prisma, others, logger);
    const { batchSizeMax } = parts;
    const inBatches = new RunBatches(due, batches, usage, credits, batchSizeMax);
    this.run = new RunBilling(due, runs, usage, credits, inBatches);
    const payInvoice = new PayInvoice(runs, changes, parts.payments, accountClock);
    this.collections = new CollectInvoices(runs, parts.payments, due, accountClock);
    const dueAccounts = new RunDueAccounts(due, this.run, accountClock);
    const job = {
      name: 'billing run',
      intervalMs: RUN_INTERVAL_MS,
      // Whoever waits for a document is not made to wait longer because usage was not counted yet.
      backsOff: false,
      run: () => dueAccounts.run(),
    };
    const recovery = {
      name: 'invoice payments',
      intervalMs: RECOVERY_INTERVAL_MS,
      run: () => this.collections.recover(),
    };
    const thresholds = {
      name: 'invoicing thresholds',
      intervalMs: THRESHOLD_INTERVAL_MS,
      run: async () => {
        for (const accountId of await this.thresholds.run()) await this.runDueNow(accountId);
      },
    };
    const collection = {
      name: 'collect invoices',
      intervalMs: RUN_INTERVAL_MS,
      run: () => this.collections.run(),
    };
    this.jobs = [job, recovery, thresholds, collection];
    const changeInvoice = new ChangeInvoice(changes, accountClock);
    const drafts = new LookAtDraft(reads, usage, credits);
    this.drafts = drafts;
    const watch = new SqlThresholds(prisma);
    const { usageVersions } = parts;
    this.thresholds = new JudgeThresholds(watch, reads, runs, drafts, usageVersions, accountClock);
    this.followers = new InvoiceFollowers(logger);
    this.providers = instances(
      this.followers,
      new ServeInvoices(invoices, subscriptions, customers, drafts, accountClock),
      new IssueInvoice(invoices, this.run, changes, accountClock),
      new UpdateInvoice(changeInvoice),
      payInvoice,
      new ServeCreditNotes(invoices, changes, accountClock),
      new ServeBalance(invoices, changes, accountClock),
      new WriteInvoice(customers, changes, changeInvoice, accountClock),
    );
  }

  /**
   * After a change of an account whose clock stands: what fell due by it is done at once, as the background run does it
   * for everybody else. What fails is left to the next step of the clock.
   */
  readonly runDueNow = async (accountId: string): Promise<void> => {
    const standsAtMs = await this.accountClock.standsAtMs(accountId);
    if (standsAtMs === null) return;
    try {
      await this.run.runDue(accountId, standsAtMs);
    } catch (err) {
      this.logger.warn({ account_id: accountId, err }, 'what fell due by a change waits');
    }
  };

  /** The billing run as the driver of accounts' clocks calls it. */
  readonly dueWork: DueWork = {
    name: 'billing run',
    step: 'issue_invoices',
    nextDue: async (accountId, untilMs) => {
      const dueMs = await this.run.nextDue(accountId);
      return dueMs === null || dueMs > untilMs ? null : dueMs;
    },
    runDue: async (accountId, atMs) => {
      await this.thresholds.run(accountId);
      const { status, count } = await this.run.runDue(accountId, atMs);
      if (status === 'done') return count;
      throw new OrbitError('unavailable', 'usage-metering has not counted everything yet');
    },
  };

  /** Invoices that collect themselves, as the driver of accounts' clocks charges them. */
  readonly dueCollections: DueWork = {
    name: 'collect invoices',
    step: 'collect_payments',
    nextDue: async (accountId, untilMs) => {
      const dueMs = await this.collections.nextDue(accountId);
      return dueMs === null || dueMs > untilMs ? null : dueMs;
    },
    runDue: (accountId, atMs) => this.collections.runDue(accountId, atMs),
  };

  /** Invoices of a customer that were issued, newest first. */
  async issuedOf(
    accountId: string,
    customerId: string,
    limit: number,
  ): Promise<readonly InvoiceParts[]> {
    const all = await this.reads.invoices.list({
      ...{ accountId, customerId, limit: limit - 1, after: null },
      ...{ externalCustomerId: null, subscriptionId: null, isRecurring: null },
      statuses: ['issued', 'paid', 'void'],
      ...{ invoiceDate: OPEN, dueDate: OPEN, amount: OPEN },
    });
    // Documents of Stripe's have pages of its own.
    return all.filter(({ invoice }) => invoice.biller !== 'stripe');
  }
}

const OPEN = { gte: null, gt: null, lt: null, lte: null };

const billed = (profile: Customer) => ({
  ...profile,
  details: { ...profile.details },
  view: toResponse(profile),
});

const profilesIn: OtherRooms['profiles'] = (sql) => {
  const customers = new PrismaCustomers(sql);
  return {
    read: async (accountId, id) => {
      const profile = await customers.read(accountId, id);
      return profile && billed(profile);
    },
    readAll: async (accountId, ids) => (await customers.readAll(accountId, ids)).map(billed),
  };
};
