import { Module, type DynamicModule } from '@nestjs/common';
import { OrbitError } from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import {
  accountClockFeature,
  ComposedService,
  kafkaConnection,
  postgresConnection,
  type Connection,
  type DueRegistry,
  type Logger,
} from '@orbit/runtime';
import {
  AuthorizationIds,
  HotBalances,
  logRepairs,
  reconnectFromUselessServer,
  RedisFitness,
  redisTls,
} from '@orbit/spend';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { blocksFeature } from './blocks/blocks.module.js';
import type { ChangeBlock } from './blocks/application/change-block.js';
import { PostgresLedgerStore } from './books/adapters/postgres-ledger-store.js';
import { makePostgresPool } from './books/adapters/postgres-pool.js';
import type { ChangeWallet } from './books/application/change-wallet.js';
import type { WalletKey } from './books/application/ports.js';
import type { PostBatch } from './books/application/post-batch.js';
import { booksFeature, type BooksFeature } from './books/books.module.js';
import { PostgresAllowances } from './charges/adapters/postgres-allowances.js';
import { chargesFeature } from './charges/charges.module.js';
import { creditsFeature } from './credits/credits.module.js';
import { hotBalancesFeature } from './hot-balances/hot-balances.module.js';
import { leasesFeature, type LeasesFeature } from './leases/leases.module.js';
import { LedgerClock } from './ledger-clock.js';
import { LEDGER_RULES } from './ledger-rules.js';
import { marginFeature } from './margin/margin.module.js';
import { outboxFeature } from './outbox/outbox.module.js';
import { paymentsFeature } from './payments/payments.module.js';
import { proofFeature } from './proof/proof.module.js';
import { rateCardsFeature } from './rate-cards/rate-cards.module.js';
import type { ReportStalls } from './reconciliation/application/report-stalls.js';
import { reconciliationFeature } from './reconciliation/reconciliation.module.js';
import { PostgresWalletReader } from './wallets/adapters/postgres-wallet-reader.js';
import type { ReadWallet } from './wallets/application/read-wallet.js';
import { walletsFeature } from './wallets/wallets.module.js';
import type { WalletLedgerConfig } from './wallet-ledger.config.js';

const REDIS_COMMAND_TIMEOUT_MS = 5_000;

/** The service: its connections and its features. Some of what features made is shown to tests and to main.ts. */
export class LedgerResources extends ComposedService {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly producer: EventProducer;
  readonly due: DueRegistry;
  readonly stalls: ReportStalls;
  readonly postBatch: PostBatch;
  readonly changeWallet: ChangeWallet;
  readonly changeBlock: ChangeBlock;
  readonly readWallet: ReadWallet;
  readonly leases: LeasesFeature;

  constructor(config: WalletLedgerConfig, logger: Logger) {
    const { DATABASE_URL: databaseUrl, LEDGER_POOL_SIZE_MAX: sizeMax } = config;
    const pool = makePostgresPool({ databaseUrl, sizeMax, logger });
    const { redis, connection: redisConnection } = connectRedis(config, logger);
    const producer = new EventProducer({
      brokers: config.KAFKA_BROKERS.split(','),
      clientId: 'wallet-ledger',
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
      ownEncoder: config.KAFKA_OWN_ENCODER,
      logger,
    });
    const ids = new AuthorizationIds({
      secret: config.AUTHORIZATION_SECRET,
      previousSecret: config.AUTHORIZATION_SECRET_PREVIOUS,
    });
    const clock = new LedgerClock(pool, systemClock);
    const { accountClock, wallets } = clock;
    const spend = new HotBalances({ redis });
    const store = new PostgresLedgerStore(pool);
    // Allowances of plans are learnt when a wallet is read, and reach Redis by the change of a wallet.
    const load = (key: WalletKey): ReturnType<ChangeWallet['load']> => books.changeWallet.load(key);
    const allowances = new PostgresAllowances(pool, spend, load, systemClock);
    const reader = new PostgresWalletReader(pool, (key) => allowances.learn(key));

    const hot = hotBalancesFeature({
      ...{ config, logger, redis, ids, producer, spend, store, reader },
    });
    const { hotBalances, hotLoads } = hot;
    const books: BooksFeature = booksFeature({
      ...{ redis, producer, store, reader, hotBalances, hotLoads, logger },
      rules: LEDGER_RULES,
      failPoint: config.ORBIT_FAIL_POINT,
    });
    const { postBatch, changeWallet, events } = books;
    const expireEveryMs = config.LEDGER_SWEEP_INTERVAL_MS;
    const blocks = blocksFeature({
      ...{ pool, spend, reader, changeWallet, wallets, expireEveryMs, logger },
    });
    clock.drive(changeWallet, blocks.grantSchedules);
    const walletsOf = walletsFeature(pool, reader, changeWallet);
    const leases = leasesFeature({ config, logger, pool, changeWallet });
    const checks = reconciliationFeature({
      ...{ config, logger, pool, redis, spend, reader, postBatch, hotBalances },
    });
    checks.stalls.watch(hot.stalls);
    const sealEveryMs = config.LEDGER_SEAL_INTERVAL_MS;
    super({
      logger,
      connections: [postgresConnection(pool), redisConnection, kafkaConnection(producer)],
      features: [
        hot,
        books,
        chargesFeature({ pool, redis, ids, postBatch, allowances }),
        walletsOf,
        blocks,
        leases,
        paymentsFeature(pool, changeWallet),
        outboxFeature(pool, events),
        proofFeature({ logger, pool, ids, events, hotBalances, sealEveryMs }),
        checks,
        creditsFeature(pool, changeWallet, accountClock),
        rateCardsFeature(pool, accountClock),
        marginFeature(pool),
        accountClockFeature(clock.due, accountClock),
      ],
      // None backs off: callers wait for Redis to be trusted and for leases to end as soon as servers are back.
      everyJob: { backsOff: false },
    });
    this.pool = pool;
    this.redis = redis;
    this.producer = producer;
    this.due = clock.due;
    this.stalls = checks.stalls;
    this.postBatch = postBatch;
    this.changeWallet = changeWallet;
    this.changeBlock = blocks.changeBlock;
    this.readWallet = walletsOf.readWallet;
    this.leases = leases;
  }
}

/** Redis, ready when it takes writes and cannot drop what it holds. */
function connectRedis(
  { REDIS_URL: url, REDIS_CA_FILE: caFile }: WalletLedgerConfig,
  logger: Logger,
): { redis: Redis; connection: Connection } {
  const redis = new Redis(url, {
    ...redisTls(caFile),
    commandTimeout: REDIS_COMMAND_TIMEOUT_MS,
    // One that hangs is unavailable: the caller gets the outage policy of its wallet at once.
    socketTimeout: REDIS_COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    reconnectOnError: reconnectFromUselessServer(),
  });
  redis.on('error', (error) => logger.warn({ err: error }, 'Redis is unavailable'));
  logRepairs(logger);
  const fitness = new RedisFitness({ redis, logger });
  const connection: Connection = {
    open: () => fitness.start(),
    ready: async () => {
      const [fault] = await fitness.reasons();
      if (fault !== undefined) throw new OrbitError('unavailable', fault);
    },
    warnings: () => fitness.warnings(),
    close: () => {
      fitness.stop();
      redis.disconnect();
    },
  };
  return { redis, connection };
}

@Module({})
export class WalletLedgerModule {
  static of(resources: LedgerResources): DynamicModule {
    return resources.moduleOf(WalletLedgerModule);
  }
}
