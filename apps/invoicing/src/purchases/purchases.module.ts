import type { Provider } from '@nestjs/common';
import type { DueWork } from '@orbit/contracts';
import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient, type Sql } from '@orbit/persistence';
import { instances, type BackgroundJob, type Feature, type Logger } from '@orbit/runtime';
import { PurchasesController } from './adapters/purchases.controller.js';
import { SqlPurchases } from './adapters/sql-purchases.js';
import { SqlTopUps } from './adapters/sql-top-ups.js';
import { ServeBlockInvoices, type LedgerBlocks } from './application/block-invoices.js';
import { BuyCredits } from './application/buy-credits.js';
import { FollowPurchase } from './application/follow-purchase.js';
import { JudgeTopUps } from './application/judge-top-ups.js';
import type { CreditSales, Sales, SaleTransaction, WatchedBalances } from './application/ports.js';
import { ServeTopUps } from './application/serve-top-ups.js';

export const PURCHASE_CONTROLLERS = [PurchasesController];

/** A balance that is low is seen within two seconds. */
const JUDGE_INTERVAL_MS = 1_000;
/** Granted blocks whose invoice became void, where nobody followed at once. */
const VOIDS_INTERVAL_MS = 30_000;
const WAIT_MS_MAX = 5_000;
const TRANSACTION_MS_MAX = 10_000;

export interface PurchaseParts {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
  readonly ledger: CreditSales & LedgerBlocks;
  readonly balances: WatchedBalances;
  readonly transactionOf: (sql: Sql) => Pick<SaleTransaction, 'items' | 'customers' | 'facts'> & {
    readonly oneOffs: SaleTransaction['invoices'];
  };
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Credit that is bought with an invoice, by hand and by top-ups. */
export class PurchasesFeature implements Feature {
  readonly controllers = PURCHASE_CONTROLLERS;
  readonly jobs: readonly BackgroundJob[];
  readonly providers: readonly Provider[];
  readonly follow: FollowPurchase;
  readonly topUps: JudgeTopUps;
  private readonly watch: SqlTopUps;

  constructor(parts: PurchaseParts) {
    const { prisma, clock, accountClock, ledger, balances, logger } = parts;
    const transactionOf = (sql: Sql): SaleTransaction => {
      const { items, customers, facts, oneOffs: invoices } = parts.transactionOf(sql);
      const own = { purchases: new SqlPurchases(sql), topUps: new SqlTopUps(sql) };
      return { ...own, items, customers, facts, invoices };
    };
    const options = { maxWait: WAIT_MS_MAX, timeout: TRANSACTION_MS_MAX };
    const sales: Sales = {
      run: (work) => prisma.$transaction((sql) => work(transactionOf(sql)), options),
    };
    const reads = transactionOf(prisma);
    const changes = new PrismaChanges(prisma, clock, 'invoicing', transactionOf);
    this.watch = new SqlTopUps(prisma);
    this.follow = new FollowPurchase(reads.purchases, sales, ledger, accountClock);
    this.topUps = new JudgeTopUps(this.watch, sales, balances, this.follow, accountClock);
    const afterwards = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (err) {
        logger.warn({ err }, 'what follows from a top-up waits');
      }
    };
    this.providers = instances(
      new BuyCredits(changes, this.follow, reads, accountClock),
      new ServeTopUps(this.watch, changes, this.topUps, this.follow, accountClock, afterwards),
      new ServeBlockInvoices(ledger, reads.purchases, reads.invoices),
    );
    const job = (name: string, intervalMs: number, run: () => Promise<unknown>) => ({
      ...{ name, intervalMs },
      run: async () => void (await run()),
    });
    this.jobs = [
      job('credit purchases', JUDGE_INTERVAL_MS, () => this.follow.runAll(false)),
      job('void credit purchases', VOIDS_INTERVAL_MS, () => this.follow.runAll(true)),
      job('judge top-ups', JUDGE_INTERVAL_MS, () => this.topUps.run()),
    ];
  }

  /** Top-ups as the driver of accounts' clocks judges them: after the day's uses, before alerts are. */
  readonly dueWork: DueWork = {
    name: 'top-ups',
    step: 'collect_payments',
    nextDue: (accountId, untilMs) => this.watch.nextActiveMs(accountId, untilMs),
    runDue: async (accountId) => {
      await this.follow.runAll(true);
      return this.topUps.run(accountId);
    },
  };
}
