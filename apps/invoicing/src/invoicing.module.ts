import { Module, type DynamicModule } from '@nestjs/common';
import { BLOCKS, rpcClient } from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import { createPrisma } from '@orbit/persistence';
import {
  accountClockFeature,
  ComposedService,
  kafkaConnection,
  prismaConnection,
  RpcIdentity,
  StoredAccountClock,
  type ClockQuery,
  type DueRegistry,
  type Logger,
} from '@orbit/runtime';
import { RpcAlertUsage, RpcBalances } from './alerts/adapters/rpc-alert-sources.js';
import { AlertsFeature } from './alerts/alerts.module.js';
import { RpcAllowanceLedger } from './allowances/adapters/rpc-allowance-ledger.js';
import { allowancesFeature } from './allowances/allowances.module.js';
import { RpcInvoicePayments } from './billing/adapters/rpc-invoice-payments.js';
import { RpcUsageSource } from './billing/adapters/rpc-usage-source.js';
import { AccrualsFeature } from './accruals/accruals.module.js';
import { BillingFeature } from './billing/billing.module.js';
import { RpcMetrics } from './catalogue/adapters/rpc-metrics.js';
import { catalogueFeature } from './catalogue/catalogue.module.js';
import { clockFeature } from './clock/clock.module.js';
import { consumptionFeature } from './consumption/consumption.module.js';
import { customersFeature } from './customers/customers.module.js';
import { documentsFeature } from './documents/documents.module.js';
import { RpcCreditLedger } from './draws/adapters/rpc-credit-ledger.js';
import type { InvoicingConfig } from './invoicing.config.js';
import { licensesFeature } from './licenses/licenses.module.js';
import { CataloguePlans } from './orb-subscriptions/adapters/catalogue-plans.js';
import { orbSubscriptionsFeature } from './orb-subscriptions/orb-subscriptions.module.js';
import { PdfReceiptRenderer } from './receipts/adapters/pdf-receipt-renderer.js';
import { RpcCreditSales } from './purchases/adapters/rpc-credit-sales.js';
import { PurchasesFeature } from './purchases/purchases.module.js';
import { receiptsFeature, sellerOf } from './receipts/receipts.module.js';
import { subscriptionsFeature } from './subscriptions/subscriptions.module.js';
import { LicensedUsage } from './licenses/application/licensed-usage.js';
import { taxesFeature } from './taxes/taxes.module.js';
import { WebhooksFeature } from './webhooks/webhooks.module.js';

/** Connections that send webhooks: slow receivers hold none while they are waited for. */
const SENDERS_POOL_SIZE = 2;
/** Less than the gateway waits for an answer, so that it receives the reason of a failure. */
const ASKED_TIMEOUT_MS = 2_500;
/** A card takes its time; what is not known by then is looked for again. */
const PAYMENT_TIMEOUT_MS = 8_000;
/** Nobody waits for an allowance to be granted. */
const GRANT_TIMEOUT_MS = 5_000;

/** The service: its connections and its features. */
export class InvoicingResources extends ComposedService {
  /** Work at instants of an account: features register theirs here. */
  readonly due: DueRegistry;
  readonly producer: EventProducer;

  constructor(config: InvoicingConfig, logger: Logger) {
    const connections = connectionsOf(config, logger);
    const { prisma, senders, producer, metering, ledger, grants, checkout } = connections;
    const { PUBLIC_URL: publicUrl } = config;
    const clock = systemClock;
    const query: ClockQuery = (text, values) => prisma.$queryRawUnsafe(text, ...values);
    const accountClock = new StoredAccountClock(query, 'invoicing', clock);
    const catalogue = new CataloguePlans(prisma);
    const metrics = new RpcMetrics(metering);
    const usage = new LicensedUsage(new RpcUsageSource(metering));
    const alertUsage = new RpcAlertUsage(metering, usage);
    const renderer = new PdfReceiptRenderer({
      pageSize: config.ORBIT_RECEIPT_PAGE_SIZE,
      fallbackFontPath: config.ORBIT_RECEIPT_FALLBACK_FONT ?? null,
    });
    const times = { prisma, clock, accountClock };
    const seller = sellerOf(config);

    const webhooks = new WebhooksFeature(prisma, senders, accountClock);
    const { factsIn } = webhooks;
    const clocks = clockFeature({
      ...{ prisma, query, clock, logger },
      identity: new RpcIdentity('invoicing', config.RPC_TOKENS),
      metering: config.USAGE_METERING_RPC,
      checkout: config.CHECKOUT_RPC,
      ledger: config.WALLET_LEDGER_RPC,
    });
    const credits = new RpcCreditLedger(ledger);
    const billing = new BillingFeature({
      ...{ ...times, publicUrl, logger, factsIn, usage, usageVersions: alertUsage },
      plansIn: (sql) => new CataloguePlans(sql),
      credits,
      payments: new RpcInvoicePayments(checkout),
    });
    const { subscriptions, customers } = billing.reads;
    const balances = new RpcBalances(ledger);
    const alerts = new AlertsFeature({
      ...{ ...times, subscriptions, customers, catalogue, factsIn },
      usage: alertUsage,
      balances,
    });
    const accruals = new AccrualsFeature({
      ...{ prisma, accountClock, reads: billing.reads, plans: billing.drafts },
      ...{ usageVersions: alertUsage, ledger: credits },
    });
    clocks.due.register(accruals.dueWork);
    clocks.due.register(billing.dueWork);
    clocks.due.register(billing.dueCollections);
    clocks.due.register(alerts.dueWork);
    const purchases = new PurchasesFeature({
      ...{ ...times, logger, balances, transactionOf: billing.transactionOf },
      ledger: new RpcCreditSales(ledger),
    });
    billing.followers.add((of, invoiceId) => purchases.follow.ofInvoice(of, invoiceId));
    clocks.due.register(purchases.dueWork);
    const allowanceLedger = new RpcAllowanceLedger(rpcClient(BLOCKS, grants));
    const allowances = allowancesFeature(prisma, allowanceLedger, clock);
    super({
      logger,
      connections: connections.inOrder,
      features: [
        webhooks,
        clocks,
        accountClockFeature(clocks.due, accountClock),
        catalogueFeature({ ...times, metrics }),
        customersFeature(prisma, clock, accountClock, factsIn),
        taxesFeature(prisma),
        allowances,
        subscriptionsFeature(prisma, clock, allowances.toGrant),
        billing,
        accruals,
        consumptionFeature({ subscriptions, customers, usage, accountClock }),
        orbSubscriptionsFeature({
          ...{ ...times, catalogue, metering: metrics },
          ...{ transactionOf: billing.transactionOf, runDueNow: billing.runDueNow },
        }),
        licensesFeature(prisma, clock, accountClock, { subscriptions, usage }),
        alerts,
        purchases,
        receiptsFeature({ prisma, producer, clock, renderer, seller }),
        documentsFeature({
          ...{ ...times, customers, renderer, seller, publicUrl, drafts: billing.drafts },
          billingIn: (sql) => billing.transactionOf(sql).invoices,
          invoicesOf: (...of) => billing.issuedOf(...of),
        }),
      ],
    });
    this.due = clocks.due;
    this.producer = producer;
  }
}

function connectionsOf(config: InvoicingConfig, logger: Logger) {
  const { DATABASE_URL: url, WALLET_LEDGER_RPC: ledgerAddress } = config;
  const prisma = createPrisma(url, { poolSizeMax: config.INVOICING_POOL_SIZE_MAX, logger });
  const senders = createPrisma(url, { poolSizeMax: SENDERS_POOL_SIZE, logger });
  const producer = new EventProducer({
    brokers: config.KAFKA_BROKERS.split(','),
    clientId: 'invoicing',
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    ownEncoder: config.KAFKA_OWN_ENCODER,
    logger,
  });
  const rpc = new RpcIdentity('invoicing', config.RPC_TOKENS);
  const metering = rpc.client('usage-metering', config.USAGE_METERING_RPC, ASKED_TIMEOUT_MS);
  const ledger = rpc.client('wallet-ledger', ledgerAddress, ASKED_TIMEOUT_MS);
  const grants = rpc.client('wallet-ledger', ledgerAddress, GRANT_TIMEOUT_MS);
  const checkout = rpc.client('checkout', config.CHECKOUT_RPC, PAYMENT_TIMEOUT_MS);
  return {
    ...{ prisma, senders, producer, metering, ledger, grants, checkout },
    inOrder: [
      prismaConnection(prisma),
      // Of the same server as the pool above, which says whether it is ready.
      { close: () => senders.$disconnect() },
      kafkaConnection(producer),
      ...[metering, ledger, grants, checkout],
    ],
  };
}

@Module({})
export class InvoicingModule {
  static of(resources: InvoicingResources): DynamicModule {
    return resources.moduleOf(InvoicingModule);
  }
}
