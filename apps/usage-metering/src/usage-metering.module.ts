import { Module, type DynamicModule } from '@nestjs/common';
import { systemClock } from '@orbit/kernel';
import { EventProducer, TopicProgress } from '@orbit/messaging';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import {
  accountClockFeature,
  ComposedService,
  DueRegistry,
  kafkaConnection,
  prismaConnection,
  RpcIdentity,
  StoredAccountClock,
  type Logger,
} from '@orbit/runtime';
import type { ClickHouseOptions } from './aggregation/adapters/clickhouse-server.js';
import { aggregationFeature } from './aggregation/aggregation.module.js';
import { backfillsFeature } from './backfills/backfills.module.js';
import { deliveriesFeature } from './deliveries/deliveries.module.js';
import { FailPoint } from './events/adapters/fail-points.js';
import { KafkaInFlight } from './events/adapters/kafka-in-flight.js';
import {
  makeUsagePool,
  poolSession,
  PostgresTransactions,
} from './events/adapters/postgres-sessions.js';
import { PostgresVolume } from './events/adapters/postgres-volume.js';
import { eventsFeature, type UsageParts } from './events/events.module.js';
import { ingestFeature } from './ingest/ingest.module.js';
import { parseWithPostgres } from './metrics/adapters/parse-with-postgres.js';
import { metricsFeature } from './metrics/metrics.module.js';
import { PrismaMeteringStore } from './rollups/adapters/prisma-metering-store.js';
import { rollupsFeature } from './rollups/rollups.module.js';
import { usageFeature } from './usage/usage.module.js';
import type { UsageMeteringConfig } from './usage-metering.config.js';

/** A question about an item; shorter than the gateway waits for the answer that it is part of. */
const INVOICING_TIMEOUT_MS = 2_000;

/** The service: its connections and its features. */
export class MeteringResources extends ComposedService {
  readonly prisma: PrismaClient;
  /** Work at instants of an account: features register their work here. */
  readonly due: DueRegistry;
  /** For dead letters only: metering publishes nothing of its own. */
  readonly producer: EventProducer;

  constructor(config: UsageMeteringConfig, logger: Logger) {
    const { DATABASE_URL: databaseUrl, METERING_POOL_SIZE_MAX: sizeMax } = config;
    const kafka = {
      brokers: config.KAFKA_BROKERS.split(','),
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
    };
    const prisma = createPrisma(databaseUrl, { poolSizeMax: sizeMax, logger });
    const pool = makeUsagePool({ databaseUrl, sizeMax, logger });
    const producer = new EventProducer({
      ...kafka,
      clientId: 'usage-metering',
      ownEncoder: config.KAFKA_OWN_ENCODER,
      logger,
    });
    /** Items are its own: a metric shows one. */
    const invoicing = new RpcIdentity('usage-metering', config.RPC_TOKENS).client(
      'invoicing',
      config.INVOICING_RPC,
      INVOICING_TIMEOUT_MS,
    );
    const progress = new TopicProgress({
      ...kafka,
      clientId: 'usage-metering-progress',
      groupId: 'usage-metering',
      topic: 'usage.ingested',
      logger,
    });
    const due = new DueRegistry();
    const accountClock = new StoredAccountClock(
      (text, values) => prisma.$queryRawUnsafe(text, ...values),
      'usage_metering',
      systemClock,
    );
    const events = { transactions: new PostgresTransactions(pool), sql: poolSession(pool) };
    const aggregation = aggregationFeature({
      ...{ ...events, parse: parseWithPostgres, kafka, logger },
      clickhouse: clickHouseOf(config),
    });
    /** In crash tests alone. */
    const failPoint = config.ORBIT_FAIL_POINT ? new FailPoint(config.ORBIT_FAIL_POINT) : null;
    const [volume, rollups] = [new PostgresVolume(), aggregation.follower];
    const usage: UsageParts = {
      ...events,
      transactions: failPoint?.transactions(events.transactions) ?? events.transactions,
      // Each follower of usage events is called in the transaction that changes them.
      followers: failPoint?.followers(volume, rollups) ?? [volume, rollups],
      inFlight: new KafkaInFlight(progress),
      clock: systemClock,
      accountClock,
    };
    const backfills = backfillsFeature(usage, prisma);
    const store = new PrismaMeteringStore(prisma);
    super({
      logger,
      connections: [
        // Of the same server as Prisma's, which says whether it is ready.
        { close: () => pool.end() },
        prismaConnection(prisma),
        kafkaConnection(producer),
        progress,
        invoicing,
        ...aggregation.connections,
      ],
      features: [
        accountClockFeature(due, accountClock),
        rollupsFeature(store),
        deliveriesFeature(store),
        usageFeature(store, prisma),
        metricsFeature({ prisma, invoicing, clock: systemClock, accountClock }),
        aggregation,
        backfills,
        ingestFeature(usage, backfills, failPoint),
        eventsFeature(usage, invoicing),
      ],
    });
    this.prisma = prisma;
    this.due = due;
    this.producer = producer;
  }
}

/** Absent where usage is counted from PostgreSQL. */
const clickHouseOf = (config: UsageMeteringConfig): ClickHouseOptions | undefined =>
  config.USAGE_STORE === 'postgres'
    ? undefined
    : {
        url: config.CLICKHOUSE_URL ?? '',
        database: config.CLICKHOUSE_DATABASE,
        user: config.CLICKHOUSE_USER,
        password: config.CLICKHOUSE_PASSWORD ?? '',
      };

@Module({})
export class UsageMeteringModule {
  static of(resources: MeteringResources): DynamicModule {
    return resources.moduleOf(UsageMeteringModule);
  }
}
