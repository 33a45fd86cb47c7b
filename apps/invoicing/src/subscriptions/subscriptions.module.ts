import type { Provider } from '@nestjs/common';
import { BLOCKS, rpcClient } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { BackgroundJobs, RpcClient, type Logger } from '@orbit/runtime';
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

const GRANT_JOB = 'grant allowances';
/** Between two looks while there are allowances to grant, in milliseconds. */
const GRANT_INTERVAL_MS = 1_000;
/** Who writes one wakes this; what a process left behind that died is found after so long. */
const GRANT_IDLE_MS = 30_000;
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
  private readonly jobs: BackgroundJobs;

  /** `ledger` is an address, or stands in for the ledger in tests. */
  constructor(
    prisma: PrismaClient,
    ledger: string | AllowanceLedger,
    clock: Clock,
    logger: Pick<Logger, 'info' | 'warn'>,
  ) {
    const store = new PrismaSubscriptionStore(prisma);
    const catalog = new PrismaCatalog(prisma);
    const isAddress = typeof ledger === 'string';
    this.rpc = isAddress ? RpcClient.at('wallet-ledger', ledger, LEDGER_TIMEOUT_MS) : null;
    const port =
      this.rpc === null
        ? (ledger as AllowanceLedger)
        : new RpcAllowanceLedger(rpcClient(BLOCKS, this.rpc));
    this.grants = new GrantAllowances(new PrismaGrantStore(prisma), port, clock);
    const job = {
      name: GRANT_JOB,
      intervalMs: GRANT_INTERVAL_MS,
      idleIntervalMs: GRANT_IDLE_MS,
      // Whoever paid is not made to wait longer than the ledger is away.
      backsOff: false,
      isQuiet: true,
      run: () => this.grants.run(),
    };
    this.jobs = new BackgroundJobs([job], logger);
    this.providers = [
      { provide: ReadPlans, useValue: new ReadPlans(catalog) },
      { provide: ReadSubscription, useValue: new ReadSubscription(catalog, store) },
      {
        provide: FollowSubscriptions,
        useValue: new FollowSubscriptions(store, catalog, clock, () => this.jobs.wake(GRANT_JOB)),
      },
    ];
  }

  start(): void {
    this.jobs.start();
  }

  async stop(): Promise<void> {
    await this.jobs.stop();
    this.rpc?.close();
  }
}
