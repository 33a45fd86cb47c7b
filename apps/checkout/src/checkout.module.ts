import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { systemClock, type Clock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import { createPrisma } from '@orbit/persistence';
import { reportOutbox } from '@orbit/metrics';
import {
  BackgroundJobs,
  AccountClockController,
  accountClockProviders,
  DueRegistry,
  outboxProbe,
  REFUSE_READ_ONLY,
  RpcClient,
  StoredAccountClock,
  type BackgroundJob,
  type ClockQuery,
  type Logger,
} from '@orbit/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerReader } from './auto-reload/application/auto-reload-ports.js';
import { ChargeSavedMethod } from './topups/application/charge-saved.js';
import { ChargeTopUpNow } from './topups/application/charge-topup.js';
import { ConfigureAutoReload } from './auto-reload/application/configure-auto-reload.js';
import { CreateTopUpSession } from './topups/application/create-topup.js';
import { CustomerDirectory } from './topups/application/customer-directory.js';
import { ParkedTopUps } from './topups/application/parked-topups.js';
import { PaymentMethods } from './topups/application/payment-methods.js';
import type { SavedPayments } from './topups/application/payment-ports.js';
import { PruneEvents } from './webhooks/application/prune-events.js';
import { ReceiveWebhook } from './webhooks/application/receive-webhook.js';
import { RelayOutbox } from './webhooks/application/relay-outbox.js';
import { RunAutoReload } from './auto-reload/application/run-auto-reload.js';
import { ApplyPayment } from './topups/application/apply-payment.js';
import { SweepTopUps } from './topups/application/sweep-topups.js';
import { TopUpWebhook } from './topups/application/topup-webhook.js';
import { CheckoutReconcile, type ReconcileDoubles } from './reconciliation/checkout-reconcile.js';
import { CheckoutPlans } from './plans/checkout-plans.js';
import { CheckoutRefunds, type RefundDoubles } from './refunds/checkout-refunds.js';
import {
  AUTO_RELOAD_INTERVAL_MS,
  CREATE_LIMITS,
  LEDGER_TIMEOUT_MS,
  POOL_SIZE_MAX,
  PRUNE_INTERVAL_MS,
  RECOVER_CLAIMS_INTERVAL_MS,
  RELAY_INTERVAL_MS,
  SWEEP_INTERVAL_MS,
  unitPricesOf,
  type CheckoutConfig,
} from './checkout.config.js';
import {
  AutoReloadController,
  BalanceLowConsumer,
} from './auto-reload/adapters/auto-reload.controller.js';
import { InvoicePaymentsController } from './invoices/adapters/invoice-payments.controller.js';
import { StripeInvoiceCharges } from './invoices/adapters/stripe-invoice-charges.js';
import { PayInvoiceNow } from './invoices/application/pay-invoice.js';
import { PaymentMethodsController } from './topups/adapters/payment-methods.controller.js';
import { ReconcileController } from './reconciliation/adapters/reconcile.controller.js';
import { PlansController } from './plans/adapters/plans.controller.js';
import { RefundsController } from './refunds/adapters/refunds.controller.js';
import { WebhookController } from './webhooks/adapters/webhook.controller.js';
import { TopUpController } from './topups/adapters/topup.controller.js';
import { KafkaTopUpEvents } from './topups/adapters/kafka-topup-events.js';
import { PostgresAutoReload } from './auto-reload/adapters/postgres-auto-reload.js';
import { PostgresOutbox } from './topups/adapters/postgres-outbox.js';
import { PostgresInbox } from './topups/adapters/postgres-inbox.js';
import { measuredHandlers, measuredSignatures } from './webhooks/adapters/measured-webhooks.js';
import { PostgresSettlements } from './topups/adapters/postgres-settlement.js';
import { PostgresCustomers, PostgresTopUps } from './topups/adapters/postgres-topups.js';
import { RpcLedgerReader } from './auto-reload/adapters/rpc-ledger.js';
import {
  createStripe,
  StripeProvider,
  StripeSignatureCheck,
} from './topups/adapters/stripe-provider.js';
import { StripeSavedPayments } from './topups/adapters/stripe-saved-payments.js';

/** The service without Nest: the use cases over their adapters, and their life. */
export interface CheckoutParts {
  /** Time of accounts, and what is done at instants of it. */
  readonly accountClock: StoredAccountClock;
  readonly due: DueRegistry;
  readonly createTopUp: CreateTopUpSession;
  readonly chargeTopUp: ChargeTopUpNow;
  readonly parkedTopUps: ParkedTopUps;
  readonly paymentMethods: PaymentMethods;
  readonly payInvoice: PayInvoiceNow;
  readonly configureAutoReload: ConfigureAutoReload;
  readonly autoReload: RunAutoReload;
  readonly receiveWebhook: ReceiveWebhook;
  readonly sweep: SweepTopUps;
  readonly relay: RelayOutbox;
  readonly prune: PruneEvents;
  readonly refunds: CheckoutRefunds;
  readonly plans: CheckoutPlans;
  readonly reconcile: CheckoutReconcile;
  readonly background: BackgroundJobs;
  readonly producer: EventProducer;
  /** Rejects with the reason while something that is needed cannot be reached. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** What tests put in the place of what is outside. */
export interface CheckoutDoubles extends RefundDoubles, ReconcileDoubles {
  readonly clock?: Clock;
  readonly ledger?: LedgerReader;
  /** Stands between the use cases and Stripe. */
  readonly saved?: (real: SavedPayments) => SavedPayments;
}

/** What these do is told by what they do: no line in the log for each of their runs. */
const quiet = ({ run, ...job }: BackgroundJob): BackgroundJob => ({
  ...job,
  run: async () => void (await run()),
});

/** The only place where ports meet adapters. */
export function assembleCheckout(
  config: CheckoutConfig,
  logger: Logger,
  doubles: CheckoutDoubles = {},
): CheckoutParts {
  const clock = doubles.clock ?? systemClock;
  const port = doubles.port ?? ((adapter) => adapter);
  const prisma = createPrisma(config.DATABASE_URL, { poolSizeMax: POOL_SIZE_MAX, logger });
  const query: ClockQuery = (text, values) => prisma.$queryRawUnsafe(text, ...values);
  const due = new DueRegistry();
  due.addProbes(outboxProbe(query, 'checkout.outbox'));
  const producer = new EventProducer({
    brokers: config.KAFKA_BROKERS.split(','),
    clientId: 'checkout',
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    ownEncoder: config.KAFKA_OWN_ENCODER,
    logger,
  });
  const events = port(new KafkaTopUpEvents(producer));
  const stripe = createStripe(config.STRIPE_SECRET_KEY, config.STRIPE_API_BASE);
  const provider = port(new StripeProvider(stripe));
  const realPayments = port(new StripeSavedPayments(stripe));
  const payments = doubles.saved?.(realPayments) ?? realPayments;
  const signatures = measuredSignatures(
    new StripeSignatureCheck(stripe, config.STRIPE_WEBHOOK_SECRET),
  );
  const rpc = RpcClient.at('wallet-ledger', config.WALLET_LEDGER_RPC, LEDGER_TIMEOUT_MS);
  const ledger = doubles.ledger ?? new RpcLedgerReader(rpc);
  const topups = port(new PostgresTopUps(prisma));
  const customers = new CustomerDirectory(new PostgresCustomers(prisma), provider, clock, logger);
  const inbox = port(new PostgresInbox(prisma));
  const kept = new PostgresOutbox(prisma);
  const outbox = port(kept);
  const endOutboxReading = reportOutbox(() => kept.kept.state());
  const settlements = port(new PostgresSettlements(prisma));
  const policies = port(new PostgresAutoReload(prisma));
  const retrySpacingMs = config.AUTO_RELOAD_RETRY_SECONDS * 1_000;
  const returnUrl = config.PAYMENT_RETURN_URL;
  const prices = unitPricesOf(config);
  const settle = new ApplyPayment(settlements, clock, logger, retrySpacingMs);
  const charge = new ChargeSavedMethod(
    topups,
    customers,
    payments,
    settle,
    policies,
    clock,
    logger,
  );
  const refunds = new CheckoutRefunds({
    ...{ prisma, stripe, rpc, topups, provider, payments, clock, doubles },
    settleTopUp: settle,
    log: logger,
  });
  const plans = new CheckoutPlans({ prisma, stripe, customers, settlements, clock });
  const topupWebhook = new TopUpWebhook(topups, provider, payments, settle, logger);
  const handlers = measuredHandlers([topupWebhook, refunds.webhook, plans.webhook]);
  const receive = new ReceiveWebhook(signatures, inbox, handlers, settle, clock, logger);
  const sweep = new SweepTopUps(topups, inbox, provider, charge, settle, receive, clock, logger);
  const relay = new RelayOutbox(outbox, events.publish.bind(events), clock);
  const prune = new PruneEvents(inbox, outbox, clock);
  const reconcile = new CheckoutReconcile({
    ...{ prisma, stripe, rpc, topups, receive, clock, doubles },
    clawbacks: refunds.store,
    publish: () => relay.run(),
    sleep: (ms) => sleep(ms),
    limits: {
      windowMs: config.RECONCILE_WINDOW_HOURS * 3_600_000,
      graceMs: config.RECONCILE_GRACE_SECONDS * 1_000,
    },
    pauses: config.RECONCILE_PAUSES_WALLETS === 'true',
    log: logger,
  });
  const watch = {
    name: 'reconcile',
    intervalMs: config.RECONCILE_INTERVAL_SECONDS * 1_000,
    run: () => reconcile.watch.run(),
  };
  const missed = {
    name: 'missed_events',
    intervalMs: config.MISSED_EVENTS_INTERVAL_SECONDS * 1_000,
    run: () => reconcile.missed.run(),
  };
  const autoReload = new RunAutoReload(
    policies,
    ledger,
    customers,
    payments,
    charge,
    clock,
    logger,
    { retrySpacingMs, returnUrl },
  );
  const background = new BackgroundJobs(
    [
      { name: 'relay', intervalMs: RELAY_INTERVAL_MS, run: () => relay.run() },
      { name: 'sweep', intervalMs: SWEEP_INTERVAL_MS, run: () => sweep.run() },
      { name: 'auto_reload', intervalMs: AUTO_RELOAD_INTERVAL_MS, run: () => autoReload.run() },
      {
        name: 'claims',
        intervalMs: RECOVER_CLAIMS_INTERVAL_MS,
        run: () => refunds.recover.run(),
      },
      { name: 'prune', intervalMs: PRUNE_INTERVAL_MS, run: () => prune.run() },
      ...[watch, missed].filter(({ intervalMs }) => intervalMs > 0),
    ].map(quiet),
    logger,
  );
  const pause = (ms: number): Promise<void> => sleep(ms);
  return {
    createTopUp: new CreateTopUpSession(
      topups,
      customers,
      provider,
      clock,
      pause,
      logger,
      CREATE_LIMITS,
      prices,
    ),
    chargeTopUp: new ChargeTopUpNow(topups, customers, payments, charge, clock, returnUrl, prices),
    parkedTopUps: new ParkedTopUps(topups, settlements, clock, logger),
    paymentMethods: new PaymentMethods(customers, payments, clock, prices),
    payInvoice: new PayInvoiceNow(customers, payments, port(new StripeInvoiceCharges(stripe))),
    configureAutoReload: new ConfigureAutoReload(policies, autoReload, ledger, clock, logger),
    autoReload,
    receiveWebhook: receive,
    sweep,
    relay,
    prune,
    refunds,
    plans,
    reconcile,
    background,
    producer,
    due,
    accountClock: new StoredAccountClock(query, 'checkout', clock),
    async ready() {
      await prisma.$queryRaw`SELECT 1 FROM checkout.topup LIMIT 1`;
      await prisma.$executeRawUnsafe(REFUSE_READ_ONLY);
      await events.connect();
    },
    async close() {
      await background.stop();
      endOutboxReading();
      rpc.close();
      await producer.disconnect();
      await prisma.$disconnect();
    },
  };
}

const PARTS = Symbol('CheckoutParts');

@Module({})
export class CheckoutModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(PARTS) private readonly parts: CheckoutParts) {}

  static of(parts: CheckoutParts): DynamicModule {
    return {
      module: CheckoutModule,
      controllers: [
        TopUpController,
        WebhookController,
        PaymentMethodsController,
        InvoicePaymentsController,
        AutoReloadController,
        BalanceLowConsumer,
        RefundsController,
        PlansController,
        ReconcileController,
        AccountClockController,
      ],
      providers: [
        { provide: PARTS, useValue: parts },
        { provide: CreateTopUpSession, useValue: parts.createTopUp },
        { provide: ChargeTopUpNow, useValue: parts.chargeTopUp },
        { provide: ParkedTopUps, useValue: parts.parkedTopUps },
        { provide: PaymentMethods, useValue: parts.paymentMethods },
        { provide: PayInvoiceNow, useValue: parts.payInvoice },
        { provide: ConfigureAutoReload, useValue: parts.configureAutoReload },
        { provide: RunAutoReload, useValue: parts.autoReload },
        { provide: ReceiveWebhook, useValue: parts.receiveWebhook },
        ...parts.refunds.providers,
        ...parts.plans.providers,
        ...parts.reconcile.providers,
        ...accountClockProviders(parts.due, parts.accountClock),
        { provide: BackgroundJobs, useValue: parts.background },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.parts.background.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.parts.close();
  }
}
