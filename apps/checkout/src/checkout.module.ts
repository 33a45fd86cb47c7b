import { Module, type DynamicModule } from '@nestjs/common';
import { systemClock, type Clock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import { createPrisma } from '@orbit/persistence';
import {
  accountClockFeature,
  ComposedService,
  DueRegistry,
  outboxProbe,
  prismaConnection,
  RpcIdentity,
  StoredAccountClock,
  type ClockQuery,
  type Logger,
} from '@orbit/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresAutoReload } from './auto-reload/adapters/postgres-auto-reload.js';
import { RpcLedgerReader } from './auto-reload/adapters/rpc-ledger.js';
import type { LedgerReader } from './auto-reload/application/auto-reload-ports.js';
import { autoReloadFeature, type AutoReloadFeature } from './auto-reload/auto-reload.module.js';
import { LEDGER_TIMEOUT_MS, POOL_SIZE_MAX, type CheckoutConfig } from './checkout.config.js';
import { StripeInvoiceCharges } from './invoices/adapters/stripe-invoice-charges.js';
import { invoicesFeature, type InvoicesFeature } from './invoices/invoices.module.js';
import { PlansFeature } from './plans/plans.module.js';
import {
  ReconciliationFeature,
  type ReconcileDoubles,
} from './reconciliation/reconciliation.module.js';
import { RefundsFeature, type RefundDoubles } from './refunds/refunds.module.js';
import { KafkaTopUpEvents } from './topups/adapters/kafka-topup-events.js';
import { createStripe, StripeSignatureCheck } from './topups/adapters/stripe-provider.js';
import type { SavedPayments } from './topups/application/payment-ports.js';
import { groundOf, topupsFeature, type TopUpsFeature } from './topups/topups.module.js';
import { webhooksFeature, type WebhooksFeature } from './webhooks/webhooks.module.js';

/** The service, and what tests and main.ts take from its features. */
export interface CheckoutParts
  extends
    Pick<
      TopUpsFeature,
      'createTopUp' | 'chargeTopUp' | 'parkedTopUps' | 'paymentMethods' | 'sweep'
    >,
    Pick<AutoReloadFeature, 'autoReload' | 'configureAutoReload'>,
    Pick<WebhooksFeature, 'receiveWebhook' | 'relay' | 'prune'>,
    Pick<InvoicesFeature, 'payInvoice'> {
  readonly service: ComposedService;
  readonly due: DueRegistry;
  readonly refunds: RefundsFeature;
  readonly plans: PlansFeature;
  readonly reconcile: ReconciliationFeature;
  readonly producer: EventProducer;
  /** Rejects with the reason while something that is needed cannot be reached. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Doubles that tests put in place of the outside world. */
export interface CheckoutDoubles extends RefundDoubles, ReconcileDoubles {
  readonly clock?: Clock;
  readonly ledger?: LedgerReader;
  /** Stands between the use cases and Stripe. */
  readonly saved?: (real: SavedPayments) => SavedPayments;
}

/** The service: its connections and its features. */
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
  const rpc = new RpcIdentity('checkout', config.RPC_TOKENS).client(
    'wallet-ledger',
    config.WALLET_LEDGER_RPC,
    LEDGER_TIMEOUT_MS,
  );
  const ledger = doubles.ledger ?? new RpcLedgerReader(rpc);
  const policies = port(new PostgresAutoReload(prisma));
  const all = { config, prisma, stripe, rpc, clock, logger, log: logger, doubles };
  const ground = groundOf({ ...all, policies, port, saved: doubles.saved });
  const { topups, provider, payments, customers, settlements, applyPayment, charge } = ground;

  const refunds = new RefundsFeature({
    ...{ ...all, topups, provider, payments, applyPayment },
  });
  const plans = new PlansFeature({ ...all, customers, settlements });
  const webhooks = webhooksFeature({
    ...{ ...ground, events, clock, log: logger },
    signatures: new StripeSignatureCheck(stripe, config.STRIPE_WEBHOOK_SECRET),
    handlers: [ground.webhook, refunds.webhook, plans.webhook],
  });
  const { receiveWebhook, relay } = webhooks;
  const paid = topupsFeature(ground, all, receiveWebhook);
  const reconcile = new ReconciliationFeature({
    ...{ ...all, topups, receive: receiveWebhook, clawbacks: refunds.store },
    publish: () => relay.run(),
    sleep: (ms) => sleep(ms),
    limits: {
      windowMs: config.RECONCILE_WINDOW_HOURS * 3_600_000,
      graceMs: config.RECONCILE_GRACE_SECONDS * 1_000,
    },
    intervalsMs: {
      compare: config.RECONCILE_INTERVAL_SECONDS * 1_000,
      missed: config.MISSED_EVENTS_INTERVAL_SECONDS * 1_000,
    },
    pauses: config.RECONCILE_PAUSES_WALLETS === 'true',
  });
  const reload = autoReloadFeature(
    ...([policies, ledger, customers, payments, charge, clock, logger] as const),
    { retrySpacingMs: ground.retrySpacingMs, returnUrl: config.PAYMENT_RETURN_URL },
  );
  const charges = port(new StripeInvoiceCharges(stripe));
  const invoices = invoicesFeature(customers, payments, charges);
  const service = new ComposedService({
    logger,
    connections: [
      prismaConnection(prisma),
      {
        // Its role reaches its tables, too.
        ready: () => prisma.$queryRaw`SELECT 1 FROM checkout.topup LIMIT 1`,
        close: () => undefined,
      },
      { ready: () => events.connect(), close: () => producer.disconnect() },
      rpc,
    ],
    features: [
      paid,
      webhooks,
      refunds,
      plans,
      reload,
      invoices,
      reconcile,
      accountClockFeature(due, new StoredAccountClock(query, 'checkout', clock)),
    ],
    // These jobs log their effects themselves, and work left by an earlier process may be waiting.
    everyJob: { isQuiet: true, startsAtOnce: true },
  });
  return {
    ...{ ...paid, ...reload, ...webhooks, ...invoices },
    ...{ service, due, refunds, plans, reconcile, producer },
    ready: () => service.ready(),
    close: () => service.onApplicationShutdown(),
  };
}

@Module({})
export class CheckoutModule {
  static of({ service }: CheckoutParts): DynamicModule {
    return service.moduleOf(CheckoutModule);
  }
}
