import {
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { OrbitError } from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import {
  AccountClockController,
  accountClockProviders,
  REFUSE_READ_ONLY,
  RpcClient,
  StoredAccountClock,
  type ClockQuery,
  type Logger,
} from '@orbit/runtime';
import { RpcAlertUsage, RpcBalances } from './alerts/adapters/rpc-alert-sources.js';
import { ALERT_CONTROLLERS, InvoicingAlerts } from './alerts/alerts.module.js';
import { RpcMetrics } from './catalogue/adapters/rpc-metrics.js';
import { RpcCreditLedger } from './draws/adapters/rpc-credit-ledger.js';
import { RpcInvoicePayments } from './billing/adapters/rpc-invoice-payments.js';
import { RpcUsageSource } from './billing/adapters/rpc-usage-source.js';
import { BILLING_CONTROLLERS, InvoicingBilling } from './billing/billing.module.js';
import { CataloguePlans } from './orb-subscriptions/adapters/catalogue-plans.js';
import {
  ORB_SUBSCRIPTION_CONTROLLERS,
  orbSubscriptionProviders,
} from './orb-subscriptions/orb-subscriptions.module.js';
import { CATALOGUE_CONTROLLERS, catalogueProviders } from './catalogue/catalogue.module.js';
import { CUSTOMER_CONTROLLERS, customerProviders } from './customers/customers.module.js';
import { CLOCK_CONTROLLERS, InvoicingClock } from './clock/clock.module.js';
import { LICENSE_CONTROLLERS, licenseProviders } from './licenses/licenses.module.js';
import { DOCUMENT_CONTROLLERS, documentProviders } from './documents/documents.module.js';
import { FollowCorrections } from './receipts/application/follow-corrections.js';
import { IssueInvoiceBatch } from './receipts/application/issue-invoice-batch.js';
import { ReadInvoices } from './receipts/application/read-invoices.js';
import { LIVE_ACCOUNT } from './numbering/domain/document-number.js';
import { plainText, type Seller } from './receipts/domain/receipt.js';
import { CorrectionsConsumer } from './receipts/adapters/corrections.consumer.js';
import { InvoicesController } from './receipts/adapters/invoices.controller.js';
import { TopUpCompletedConsumer } from './receipts/adapters/topup-completed.consumer.js';
import type { InvoicingConfig } from './invoicing.config.js';
import { KafkaOutboxRelay } from './receipts/adapters/kafka-outbox-relay.js';
import { PdfReceiptRenderer } from './receipts/adapters/pdf-receipt-renderer.js';
import { PrismaInvoiceStore } from './receipts/adapters/prisma-invoice-store.js';
import {
  InvoicingSubscriptions,
  SUBSCRIPTION_CONTROLLERS,
} from './subscriptions/subscriptions.module.js';
import { RpcCreditSales } from './purchases/adapters/rpc-credit-sales.js';
import { InvoicingPurchases, PURCHASE_CONTROLLERS } from './purchases/purchases.module.js';
import { TAX_CONTROLLERS, taxProviders } from './taxes/taxes.module.js';
import { WEBHOOK_CONTROLLERS, Webhooks } from './webhooks/webhooks.module.js';

const ADDRESS_LINES_MAX = 4;
/** Connections that send webhooks: slow receivers hold none while they are waited for. */
const SENDERS_POOL_SIZE = 2;
/** Less than the gateway waits for an answer, so that it hears why there is none. */
const ASKED_TIMEOUT_MS = 2_500;
/** A card takes its time; what is not known by then is looked for again. */
const PAYMENT_TIMEOUT_MS = 8_000;

/** The connections of this service, and the only place where ports meet adapters. */
export class InvoicingResources implements OnApplicationShutdown {
  readonly prisma: PrismaClient;
  /** The driver of accounts' clocks; `clocks.due` takes the work of features. */
  readonly clocks: InvoicingClock;
  readonly producer: EventProducer;
  /** Time of accounts: of what is billed, made and dated. */
  readonly accountClock: StoredAccountClock;
  readonly issueInvoiceBatch: IssueInvoiceBatch;
  readonly followCorrections: FollowCorrections;
  readonly readInvoices: ReadInvoices;
  readonly subscriptions: InvoicingSubscriptions;
  readonly webhooks: Webhooks;
  private readonly senders: PrismaClient;
  readonly metrics: RpcMetrics;
  readonly billing: InvoicingBilling;
  readonly alerts: InvoicingAlerts;
  readonly purchases: InvoicingPurchases;
  readonly documents: readonly Provider[];
  private readonly ledger: RpcClient;
  private readonly metering: RpcClient;
  private readonly checkout: RpcClient;
  private readonly relay: KafkaOutboxRelay;

  constructor(config: InvoicingConfig, logger: Logger) {
    this.prisma = createPrisma(config.DATABASE_URL, {
      poolSizeMax: config.INVOICING_POOL_SIZE_MAX,
      logger,
    });
    const query: ClockQuery = (text, values) => this.prisma.$queryRawUnsafe(text, ...values);
    this.accountClock = new StoredAccountClock(query, 'invoicing', systemClock);
    this.senders = createPrisma(config.DATABASE_URL, { poolSizeMax: SENDERS_POOL_SIZE, logger });
    this.webhooks = new Webhooks(this.prisma, this.senders, this.accountClock, logger);
    this.clocks = new InvoicingClock({
      ...{ prisma: this.prisma, query, clock: systemClock, logger },
      metering: config.USAGE_METERING_RPC,
      checkout: config.CHECKOUT_RPC,
      ledger: config.WALLET_LEDGER_RPC,
    });
    this.producer = new EventProducer({
      brokers: config.KAFKA_BROKERS.split(','),
      clientId: 'invoicing',
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
      ownEncoder: config.KAFKA_OWN_ENCODER,
      logger,
    });
    const store = new PrismaInvoiceStore(this.prisma);
    this.relay = new KafkaOutboxRelay(this.prisma, this.producer, systemClock, logger);
    this.issueInvoiceBatch = new IssueInvoiceBatch(store, this.relay, systemClock, LIVE_ACCOUNT);
    this.followCorrections = new FollowCorrections(store, systemClock, LIVE_ACCOUNT);
    const renderer = new PdfReceiptRenderer({
      pageSize: config.ORBIT_RECEIPT_PAGE_SIZE,
      fallbackFontPath: config.ORBIT_RECEIPT_FALLBACK_FONT ?? null,
    });
    this.readInvoices = new ReadInvoices(store, renderer, sellerOf(config));
    this.metering = RpcClient.at('usage-metering', config.USAGE_METERING_RPC, ASKED_TIMEOUT_MS);
    const ledger = config.WALLET_LEDGER_RPC;
    this.ledger = RpcClient.at('wallet-ledger', ledger, ASKED_TIMEOUT_MS);
    this.checkout = RpcClient.at('checkout', config.CHECKOUT_RPC, PAYMENT_TIMEOUT_MS);
    this.metrics = new RpcMetrics(this.metering);
    this.billing = new InvoicingBilling({
      ...{ prisma: this.prisma, clock: systemClock, accountClock: this.accountClock, logger },
      publicUrl: config.PUBLIC_URL,
      plansIn: (sql) => new CataloguePlans(sql),
      factsIn: this.webhooks.factsIn,
      usage: new RpcUsageSource(this.metering),
      usageVersions: new RpcAlertUsage(this.metering, new RpcUsageSource(this.metering)),
      credits: new RpcCreditLedger(this.ledger),
      payments: new RpcInvoicePayments(this.checkout),
    });
    this.clocks.due.register(this.billing.dueWork);
    this.clocks.due.register(this.billing.dueCollections);
    const { subscriptions, customers } = this.billing.transactionOf(this.prisma);
    const balances = new RpcBalances(this.ledger);
    this.alerts = new InvoicingAlerts({
      ...{ prisma: this.prisma, clock: systemClock, accountClock: this.accountClock, logger },
      ...{ subscriptions, customers, catalogue: new CataloguePlans(this.prisma) },
      usage: new RpcAlertUsage(this.metering, new RpcUsageSource(this.metering)),
      balances,
      factsIn: this.webhooks.factsIn,
    });
    this.clocks.due.register(this.alerts.dueWork);
    this.purchases = new InvoicingPurchases({
      ...{ prisma: this.prisma, clock: systemClock, accountClock: this.accountClock, logger },
      ...{ ledger: new RpcCreditSales(this.ledger), balances },
      transactionOf: this.billing.transactionOf,
    });
    this.billing.followers.add((of, invoiceId) => this.purchases.follow.ofInvoice(of, invoiceId));
    this.clocks.due.register(this.purchases.dueWork);
    this.documents = documentProviders({
      ...{ prisma: this.prisma, clock: systemClock, accountClock: this.accountClock },
      ...{ customers, renderer, seller: sellerOf(config), publicUrl: config.PUBLIC_URL },
      billingIn: (sql) => this.billing.transactionOf(sql).invoices,
      drafts: this.billing.drafts,
      invoicesOf: (accountId, customerId, limit) =>
        this.billing.issuedOf(accountId, customerId, limit),
    });
    this.subscriptions = new InvoicingSubscriptions(this.prisma, ledger, systemClock, logger);
  }

  async start(): Promise<void> {
    await this.producer.connect();
    this.relay.start();
    this.subscriptions.start();
    this.webhooks.start();
    this.clocks.start();
    this.billing.start();
    this.alerts.start();
    this.purchases.start();
  }

  /** Resolves when PostgreSQL and Kafka answer; rejects naming the one that does not. */
  async ready(): Promise<void> {
    await this.prisma.$executeRawUnsafe(REFUSE_READ_ONLY);
    if (!this.producer.isConnected()) throw new OrbitError('unavailable', 'Kafka is unavailable');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.webhooks.stop();
    await this.clocks.stop();
    await this.subscriptions.stop();
    await this.billing.stop();
    await this.alerts.stop();
    await this.purchases.stop();
    this.ledger.close();
    this.metering.close();
    this.checkout.close();
    await this.relay.stop();
    await this.producer.disconnect();
    await this.senders.$disconnect();
    await this.prisma.$disconnect();
  }
}

function sellerOf(config: InvoicingConfig): Seller {
  const lines = config.ORBIT_SELLER_ADDRESS.split(/\||\\n|\n/).map((line) => plainText(line));
  return {
    name: plainText(config.ORBIT_SELLER_NAME),
    addressLines: lines.filter((line) => line !== '').slice(0, ADDRESS_LINES_MAX),
  };
}

@Module({})
export class InvoicingModule {
  static of(resources: InvoicingResources): DynamicModule {
    return {
      module: InvoicingModule,
      controllers: [
        TopUpCompletedConsumer,
        CorrectionsConsumer,
        InvoicesController,
        ...CATALOGUE_CONTROLLERS,
        ...CUSTOMER_CONTROLLERS,
        ...SUBSCRIPTION_CONTROLLERS,
        ...WEBHOOK_CONTROLLERS,
        ...CLOCK_CONTROLLERS,
        AccountClockController,
        ...BILLING_CONTROLLERS,
        ...TAX_CONTROLLERS,
        ...ALERT_CONTROLLERS,
        ...PURCHASE_CONTROLLERS,
        ...DOCUMENT_CONTROLLERS,
        ...ORB_SUBSCRIPTION_CONTROLLERS,
        ...LICENSE_CONTROLLERS,
      ],
      providers: [
        { provide: InvoicingResources, useValue: resources },
        { provide: IssueInvoiceBatch, useValue: resources.issueInvoiceBatch },
        { provide: FollowCorrections, useValue: resources.followCorrections },
        { provide: ReadInvoices, useValue: resources.readInvoices },
        ...catalogueProviders({ ...resources, clock: systemClock }),
        ...customerProviders(
          resources.prisma,
          systemClock,
          resources.accountClock,
          resources.webhooks.factsIn,
        ),
        ...resources.subscriptions.providers,
        ...resources.webhooks.providers,
        ...resources.clocks.providers,
        ...accountClockProviders(resources.clocks.due, resources.accountClock),
        ...resources.billing.providers,
        ...taxProviders(resources.prisma),
        ...resources.alerts.providers,
        ...resources.purchases.providers,
        ...licenseProviders(resources.prisma, systemClock, resources.accountClock),
        ...resources.documents,
        ...orbSubscriptionProviders({
          ...{ prisma: resources.prisma, clock: systemClock },
          accountClock: resources.accountClock,
          catalogue: new CataloguePlans(resources.prisma),
          transactionOf: resources.billing.transactionOf,
          metering: resources.metrics,
          settle: resources.billing.settle,
        }),
      ],
    };
  }
}
