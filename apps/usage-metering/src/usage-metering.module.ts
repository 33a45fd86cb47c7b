import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { OrbitError } from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { EventProducer, TopicProgress } from '@orbit/messaging';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import {
  AccountClockController,
  accountClockProviders,
  DueRegistry,
  REFUSE_READ_ONLY,
  RpcClient,
  StoredAccountClock,
  type Logger,
} from '@orbit/runtime';
import { ApplyDeliveryBatch } from './deliveries/application/apply-delivery-batch.js';
import { MeterChargeBatch } from './rollups/application/meter-charge-batch.js';
import { ReadUsage } from './usage/application/read-usage.js';
import { DeliveryReportedConsumer } from './deliveries/adapters/delivery-reported.consumer.js';
import { ChargePostedConsumer } from './rollups/adapters/charge-posted.consumer.js';
import { UsageController } from './usage/adapters/usage.controller.js';
import { USAGE_PERIODS, UsagePeriodController } from './usage/adapters/usage-period.controller.js';
import { PrismaMeteringStore } from './rollups/adapters/prisma-metering-store.js';
import { PrismaUsagePeriods } from './usage/adapters/prisma-usage-periods.js';
import { METRICS_CONTROLLERS, metricsProviders } from './metrics/metrics.module.js';
import type pg from 'pg';
import { PostgresVolume } from './events/adapters/postgres-volume.js';
import { BACKFILLS_CONTROLLERS, UsageBackfills } from './backfills/backfills.module.js';
import { KafkaInFlight } from './events/adapters/kafka-in-flight.js';
import { EVENTS_CONTROLLERS, eventsProviders, type UsageParts } from './events/events.module.js';
import { INGEST_CONTROLLERS, ingestProviders } from './ingest/ingest.module.js';
import {
  makeUsagePool,
  poolSession,
  PostgresTransactions,
} from './events/adapters/postgres-sessions.js';
import { AGGREGATION_CONTROLLERS, Aggregation } from './aggregation/aggregation.module.js';
import { parseWithPostgres } from './metrics/adapters/parse-with-postgres.js';
import type { UsageMeteringConfig } from './usage-metering.config.js';

/** A question about an item; shorter than the gateway waits for the answer that it is part of. */
const INVOICING_TIMEOUT_MS = 2_000;

/** The connections of this service, and the only place where ports meet adapters. */
export class MeteringResources implements OnApplicationShutdown {
  readonly prisma: PrismaClient;
  /** Time of accounts: of what is counted and closed. */
  readonly accountClock: StoredAccountClock;
  /** Work at instants of an account: features register their work here. */
  readonly due = new DueRegistry();
  /** For dead letters only: metering publishes nothing of its own. */
  readonly producer: EventProducer;
  readonly meterChargeBatch: MeterChargeBatch;
  readonly applyDeliveryBatch: ApplyDeliveryBatch;
  readonly readUsage: ReadUsage;
  /** Items are its own: a metric shows one. */
  readonly invoicing: RpcClient;
  /** Connections for usage events. */
  readonly pool: pg.Pool;
  readonly transactions: PostgresTransactions;
  readonly aggregation: Aggregation;
  /** Parts that the rooms of usage events are wired from. */
  readonly usage: UsageParts;
  readonly backfills: UsageBackfills;
  private readonly progress: TopicProgress;

  constructor(config: UsageMeteringConfig, logger: Logger) {
    this.prisma = createPrisma(config.DATABASE_URL, {
      poolSizeMax: config.METERING_POOL_SIZE_MAX,
      logger,
    });
    this.accountClock = new StoredAccountClock(
      (text, values) => this.prisma.$queryRawUnsafe(text, ...values),
      'usage_metering',
      systemClock,
    );
    this.producer = new EventProducer({
      brokers: config.KAFKA_BROKERS.split(','),
      clientId: 'usage-metering',
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
      ownEncoder: config.KAFKA_OWN_ENCODER,
      logger,
    });
    const store = new PrismaMeteringStore(this.prisma);
    this.meterChargeBatch = new MeterChargeBatch(store);
    this.applyDeliveryBatch = new ApplyDeliveryBatch(store);
    this.readUsage = new ReadUsage(store, systemClock);
    this.invoicing = RpcClient.at('invoicing', config.INVOICING_RPC, INVOICING_TIMEOUT_MS);
    this.pool = makeUsagePool({
      databaseUrl: config.DATABASE_URL,
      sizeMax: config.METERING_POOL_SIZE_MAX,
      logger,
    });
    this.transactions = new PostgresTransactions(this.pool);
    this.aggregation = new Aggregation({
      transactions: this.transactions,
      sql: poolSession(this.pool),
      parse: parseWithPostgres,
      kafka: { brokers: config.KAFKA_BROKERS.split(','), topicPrefix: config.KAFKA_TOPIC_PREFIX },
      logger,
    });
    this.progress = new TopicProgress({
      brokers: config.KAFKA_BROKERS.split(','),
      clientId: 'usage-metering-progress',
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
      groupId: 'usage-metering',
      topic: 'usage.ingested',
      logger,
    });
    this.usage = {
      transactions: this.transactions,
      sql: poolSession(this.pool),
      // Each follower of usage events is called in the transaction that changes them.
      followers: [new PostgresVolume(), this.aggregation.follower],
      inFlight: new KafkaInFlight(this.progress),
      clock: systemClock,
      accountClock: this.accountClock,
    };
    this.backfills = new UsageBackfills(this.usage, this.prisma, logger);
  }

  async start(): Promise<void> {
    await this.producer.connect();
    this.backfills.start();
    this.aggregation.start();
  }

  /** Resolves when PostgreSQL and Kafka answer; rejects naming the one that does not. */
  async ready(): Promise<void> {
    await this.prisma.$executeRawUnsafe(REFUSE_READ_ONLY);
    if (!this.producer.isConnected()) throw new OrbitError('unavailable', 'Kafka is unavailable');
  }

  async onApplicationShutdown(): Promise<void> {
    this.invoicing.close();
    await this.aggregation.close();
    await this.backfills.stop();
    await this.progress.close();
    await this.producer.disconnect();
    await this.prisma.$disconnect();
    await this.pool.end();
  }
}

@Module({})
export class UsageMeteringModule {
  static of(resources: MeteringResources): DynamicModule {
    const { usage } = resources;
    return {
      module: UsageMeteringModule,
      controllers: [
        ChargePostedConsumer,
        DeliveryReportedConsumer,
        UsageController,
        UsagePeriodController,
        AccountClockController,
        ...METRICS_CONTROLLERS,
        ...INGEST_CONTROLLERS,
        ...AGGREGATION_CONTROLLERS,
        ...EVENTS_CONTROLLERS,
        ...BACKFILLS_CONTROLLERS,
      ],
      providers: [
        { provide: MeteringResources, useValue: resources },
        { provide: MeterChargeBatch, useValue: resources.meterChargeBatch },
        { provide: ApplyDeliveryBatch, useValue: resources.applyDeliveryBatch },
        { provide: ReadUsage, useValue: resources.readUsage },
        ...accountClockProviders(resources.due, resources.accountClock),
        { provide: USAGE_PERIODS, useValue: new PrismaUsagePeriods(resources.prisma) },
        ...metricsProviders({
          prisma: resources.prisma,
          invoicing: resources.invoicing,
          clock: systemClock,
          accountClock: resources.accountClock,
        }),
        ...resources.aggregation.providers,
        ...resources.backfills.providers,
        ...ingestProviders(usage, resources.backfills),
        ...eventsProviders(usage),
      ],
    };
  }
}
