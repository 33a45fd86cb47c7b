import type { Provider } from '@nestjs/common';
import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { RpcClient, type Logger } from '@orbit/runtime';
import { GrantAllowances } from '../allowances/application/grant-allowances.js';
import { FollowSubscriptions } from './application/follow-subscriptions.js';
import { ReadSubscription } from './application/read-subscription.js';
import { ReadPlans } from '../catalogue/application/read-plans.js';
import type { AllowanceLedger } from '../allowances/application/ports.js';
import { PlansController } from '../catalogue/adapters/plans.controller.js';
import { SubscriptionsController } from './adapters/subscriptions.controller.js';
import { SubscriptionsConsumer } from './adapters/subscriptions.consumer.js';
import { PrismaCatalog } from '../catalogue/adapters/prisma-catalog.js';
import { PrismaSubscriptionStore } from './adapters/prisma-subscription-store.js';
import { PrismaGrantStore } from '../allowances/adapters/prisma-grant-store.js';
import { RpcAllowanceLedger } from '../allowances/adapters/rpc-allowance-ledger.js';

/** Between two looks for allowances to grant, in milliseconds. */
const GRANT_INTERVAL_MS = 1_000;
const LEDGER_TIMEOUT_MS = 5_000;

export const SUBSCRIPTION_CONTROLLERS = [
  PlansController,
  SubscriptionsController,
  SubscriptionsConsumer,
];

/** Plans and subscriptions, wired apart: receipts need none of it. */
export class InvoicingSubscriptions {
  readonly grants: GrantAllowances;
  readonly providers: readonly Provider[];
  private readonly rpc: RpcClient | null;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;
  private isDueAgain = false;

  /** `ledger` is an address, or stands in for the ledger in tests. */
  constructor(
    prisma: PrismaClient,
    ledger: string | AllowanceLedger,
    clock: Clock,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    const store = new PrismaSubscriptionStore(prisma);
    const catalog = new PrismaCatalog(prisma);
    const isAddress = typeof ledger === 'string';
    this.rpc = isAddress ? RpcClient.at('wallet-ledger', ledger, LEDGER_TIMEOUT_MS) : null;
    const port = this.rpc === null ? (ledger as AllowanceLedger) : new RpcAllowanceLedger(this.rpc);
    this.grants = new GrantAllowances(new PrismaGrantStore(prisma), port, clock);
    this.providers = [
      { provide: ReadPlans, useValue: new ReadPlans(catalog) },
      { provide: ReadSubscription, useValue: new ReadSubscription(catalog, store) },
      {
        provide: FollowSubscriptions,
        useValue: new FollowSubscriptions(store, catalog, clock, () => this.wake()),
      },
    ];
  }

  start(): void {
    this.timer ??= setInterval(() => this.wake(), GRANT_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.running;
    this.rpc?.close();
  }

  private wake(): void {
    this.isDueAgain = this.isRunning;
    if (this.isRunning) return;
    this.isRunning = true;
    this.running = this.grants
      .run()
      .catch((err: unknown) => this.logger.warn({ err }, 'allowances wait for the ledger'))
      .finally(() => {
        this.isRunning = false;
        if (this.isDueAgain && this.timer) this.wake();
      });
  }
}
