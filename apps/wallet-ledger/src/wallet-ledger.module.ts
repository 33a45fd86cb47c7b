import {
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { OrbitError } from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import { reportOutbox } from '@orbit/metrics';
import {
  AccountClockController,
  accountClockProviders,
  BackgroundJobs,
  REFUSE_READ_ONLY,
  type Logger,
  currentTrace,
  inSharedSpan,
} from '@orbit/runtime';
import {
  AuthorizationIds,
  HotBalances,
  logMended,
  reconnectFromUselessServer,
  RedisFitness,
  UnsettledCaptures,
} from '@orbit/spend';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { AUTHORIZATIONS, type Authorizations } from './charges/application/authorization-ports.js';
import { ChangeBlock } from './blocks/application/change-block.js';
import { ChangeWallet } from './books/application/change-wallet.js';
import { ReserveRefund } from './payments/application/clawback-commands.js';
import { ManageLeases } from './leases/application/manage-leases.js';
import { CorrectWallet } from './wallets/application/correct-wallet.js';
import { PostBatch } from './books/application/post-batch.js';
import { PostCharges } from './charges/application/post-charges.js';
import { RateCharges } from './charges/application/rate-charges.js';
import { GrantSchedules } from './blocks/application/grant-schedules.js';
import type { WalletKey } from './books/application/ports.js';
import { ReadBlocks } from './blocks/application/read-blocks.js';
import { ReadPaymentEntries } from './payments/application/read-payment-entries.js';
import { ReadMovements } from './wallets/application/read-movements.js';
import { ReadWallet } from './wallets/application/read-wallet.js';
import {
  RepublishLostCaptures,
  type FindUnsettled,
  type RepublishUnsettled,
} from './hot-balances/application/republish-unsettled.js';
import { TouchingHotBalances } from './hot-balances/application/touched-wallets.js';
import { SetPolicies } from './wallets/application/set-policies.js';
import { BlocksController } from './blocks/adapters/blocks.controller.js';
import { ChargeRequestedConsumer } from './charges/adapters/charge-requested.consumer.js';
import { GrantSchedulesController } from './blocks/adapters/grant-schedules.controller.js';
import { DisputeEventsConsumer } from './payments/adapters/dispute-events.consumer.js';
import { LeasesController } from './leases/adapters/leases.controller.js';
import { RefundEventsConsumer } from './payments/adapters/refund-events.consumer.js';
import { RefundsController } from './payments/adapters/refunds.controller.js';
import { PaymentEntriesController } from './payments/adapters/payment-entries.controller.js';
import { ProofController } from './proof/adapters/proof.controller.js';
import { TopUpCompletedConsumer } from './payments/adapters/topup-completed.consumer.js';
import { CorrectionsController } from './wallets/adapters/corrections.controller.js';
import { LedgerHealthController } from './reconciliation/adapters/ledger-health.controller.js';
import { WalletController } from './wallets/adapters/wallet.controller.js';
import { FailPoint } from './books/adapters/fail-points.js';
import { KafkaLedgerEvents } from './books/adapters/kafka-ledger-events.js';
import { measuredPosting } from './books/adapters/measured-posting.js';
import { PostgresAllowances } from './charges/adapters/postgres-allowances.js';
import { PostgresBlockReader } from './blocks/adapters/postgres-block-reader.js';
import { PostgresOutbox } from './outbox/adapters/postgres-outbox.js';
import { PostgresLedgerStore } from './books/adapters/postgres-ledger-store.js';
import { makePostgresPool } from './books/adapters/postgres-pool.js';
import { PostgresMovements } from './wallets/adapters/postgres-movements.js';
import { PostgresPaymentEntries } from './payments/adapters/postgres-payment-entries.js';
import { PostgresScheduleStore } from './blocks/adapters/postgres-schedule-store.js';
import { PostgresWalletReader } from './wallets/adapters/postgres-wallet-reader.js';
import { HoldReadings } from './hot-balances/adapters/hold-readings.js';
import { RedisHotBalances } from './hot-balances/adapters/redis-hot-balances.js';
import { RedisReplies } from './books/adapters/redis-replies.js';
import { SpendAuthorizations } from './charges/adapters/spend-authorizations.js';
import { LedgerEpoch } from './hot-balances/ledger-epoch.js';
import { BalanceStepsController } from './credits/adapters/balance-steps.controller.js';
import { CreditDrawsController } from './credits/adapters/credit-draws.controller.js';
import { CreditSalesController } from './credits/adapters/credit-sales.controller.js';
import { CreditsController } from './credits/adapters/credits.controller.js';
import { creditProviders } from './credits/ledger-credits.js';
import { PostgresCardHistory } from './rate-cards/adapters/postgres-card-history.js';
import { MarginController } from './margin/adapters/margin.controller.js';
import { marginProviders } from './margin/ledger-margin.js';
import { RateCardsController } from './rate-cards/adapters/rate-cards.controller.js';
import { rateCardProviders } from './rate-cards/ledger-rate-cards.js';
import { LedgerLeases } from './leases/ledger-leases.js';
import { LedgerProof } from './proof/ledger-proof.js';
import { LedgerClock } from './ledger-clock.js';
import { LEDGER_RULES } from './ledger-rules.js';
import type { WalletLedgerConfig } from './wallet-ledger.config.js';

const WALLETS_PER_SWEEP = 500;
const REPUBLISH_INTERVAL_MS = 5_000;
const OUTBOX_INTERVAL_MS = 5_000;
const COUNT_HOLDS_INTERVAL_MS = 5_000;
/** How late a period is granted at most, while the ledger is up. */
const SCHEDULE_INTERVAL_MS = 2_000;
/** A first plan that another instance granted is known so late: raw charges fall on the wallet until then. */
const ALLOWANCES_INTERVAL_MS = 2_000;
const REDIS_COMMAND_TIMEOUT_MS = 5_000;

/** The connections of this service, and the only place where ports meet adapters. */
export class LedgerResources implements OnApplicationShutdown {
  readonly pool: Pool;
  readonly clock: LedgerClock;
  readonly redis: Redis;
  readonly producer: EventProducer;
  readonly postBatch: PostBatch;
  private readonly endReadings: () => void;
  readonly postCharges: PostCharges;
  readonly rateCharges: RateCharges;
  readonly changeWallet: ChangeWallet;
  readonly readWallet: ReadWallet;
  readonly readMovements: ReadMovements;
  readonly setPolicies: SetPolicies;
  readonly correctWallet: CorrectWallet;
  readonly changeBlock: ChangeBlock;
  readonly readBlocks: ReadBlocks;
  readonly grantSchedules: GrantSchedules;
  readonly epoch: LedgerEpoch;
  readonly leases: LedgerLeases;
  readonly proof: LedgerProof;
  private readonly fitness: RedisFitness;
  readonly authorizations: Authorizations;
  private readonly ids: AuthorizationIds;
  private readonly allowances: PostgresAllowances;
  private readonly jobs: BackgroundJobs;

  constructor(config: WalletLedgerConfig, logger: Logger) {
    this.pool = makePostgresPool({
      databaseUrl: config.DATABASE_URL,
      sizeMax: config.LEDGER_POOL_SIZE_MAX,
      logger,
    });
    this.clock = new LedgerClock(this.pool, systemClock);
    this.redis = new Redis(config.REDIS_URL, {
      commandTimeout: REDIS_COMMAND_TIMEOUT_MS,
      // One that hangs is away: who asks for a wallet is told its outage policy at once.
      socketTimeout: REDIS_COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
      reconnectOnError: reconnectFromUselessServer(),
    });
    this.fitness = new RedisFitness({ redis: this.redis, logger });
    this.redis.on('error', (error) => logger.warn({ err: error }, 'Redis is unavailable'));
    logMended(logger);
    this.producer = new EventProducer({
      brokers: config.KAFKA_BROKERS.split(','),
      clientId: 'wallet-ledger',
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
      ownEncoder: config.KAFKA_OWN_ENCODER,
      logger,
    });
    this.ids = new AuthorizationIds({
      secret: config.AUTHORIZATION_SECRET,
      previousSecret: config.AUTHORIZATION_SECRET_PREVIOUS,
    });
    const store = new PostgresLedgerStore(this.pool);
    const spend = new HotBalances({ redis: this.redis });
    const load = (key: WalletKey) => this.changeWallet.load(key);
    const allowances = new PostgresAllowances(this.pool, spend, load, systemClock);
    const reader = new PostgresWalletReader(this.pool, (key) => allowances.learn(key));
    const hotBalances = new TouchingHotBalances(
      new RedisHotBalances(spend, config.LEDGER_CLAIM_TTL_MS),
    );
    const events = new KafkaLedgerEvents(this.producer);
    const replies = new RedisReplies(this.redis, logger);
    const failPoint = config.ORBIT_FAIL_POINT ? new FailPoint(config.ORBIT_FAIL_POINT) : null;
    const posting = measuredPosting({ store, hotBalances, events });
    const ports = failPoint ? failPoint.around(posting) : posting;
    this.postBatch = new PostBatch(
      ports.store,
      ports.hotBalances,
      ports.events,
      replies,
      systemClock,
      LEDGER_RULES,
      { current: currentTrace, around: (traces, work) => inSharedSpan('post', traces, work) },
    );
    failPoint?.afterRun(this.postBatch);
    const captures = this.unsettledCaptures();
    this.authorizations = new SpendAuthorizations(this.ids, this.redis);
    const { republish } = captures;
    const memory = { redis: this.redis, spend, hotBalances, store, reader, republish };
    this.epoch = new LedgerEpoch({ config, logger, ...memory });
    const { hotLoads } = this.epoch;
    this.changeWallet = new ChangeWallet(this.postBatch, reader, hotLoads, systemClock);
    this.readWallet = new ReadWallet(reader, systemClock);
    this.readMovements = new ReadMovements(reader, new PostgresMovements(this.pool), systemClock);
    this.setPolicies = new SetPolicies(this.changeWallet, reader, systemClock);
    const blockReader = new PostgresBlockReader(this.pool);
    this.correctWallet = new CorrectWallet(this.changeWallet, reader, blockReader);
    this.changeBlock = new ChangeBlock(this.changeWallet, blockReader, systemClock, {
      availableOf: async ({ organizationId, currency }) =>
        (await spend.read(organizationId, currency))?.availableMicros ?? null,
    });
    this.readBlocks = new ReadBlocks(reader, blockReader, systemClock);
    this.grantSchedules = new GrantSchedules(
      this.changeWallet,
      new PostgresScheduleStore(this.pool),
      systemClock,
      this.clock.wallets,
      (scheduleId, error) => logger.warn({ err: error, scheduleId }, 'a period was not granted'),
    );
    this.clock.drive(this.changeWallet, this.grantSchedules);
    this.leases = new LedgerLeases({
      config,
      logger,
      pool: this.pool,
      changeWallet: this.changeWallet,
    });
    const { pool, redis, postBatch, ids } = this;
    const proof = {
      config,
      logger,
      pool,
      redis,
      spend,
      events,
      reader,
      postBatch,
      hotBalances,
      ids,
    };
    this.proof = new LedgerProof(proof);
    this.postCharges = new PostCharges(this.postBatch, allowances);
    this.rateCharges = new RateCharges(new PostgresCardHistory(this.pool, systemClock), allowances);
    this.allowances = allowances;
    const lostCaptures = new RepublishLostCaptures(reader, captures, systemClock, (stuck) =>
      logger.warn(
        stuck,
        'captures do not come into the books; they are sent again ever more rarely',
      ),
    );
    this.proof.stalls.watch(() => lostCaptures.stalls());
    const outbox = new PostgresOutbox(this.pool, events);
    this.endReadings = reportOutbox(() => outbox.kept.state());
    const holds = new HoldReadings(this.redis, reader, systemClock);
    const sweep = (): Promise<number> => this.changeWallet.sweepExpired(WALLETS_PER_SWEEP);
    const jobs = [
      { name: 'count holds', intervalMs: COUNT_HOLDS_INTERVAL_MS, run: () => holds.run() },
      { name: 'book expired credit', intervalMs: config.LEDGER_SWEEP_INTERVAL_MS, run: sweep },
      {
        name: 'republish lost captures',
        intervalMs: REPUBLISH_INTERVAL_MS,
        run: () => lostCaptures.run(),
      },
      { name: 'tell what was not told', intervalMs: OUTBOX_INTERVAL_MS, run: () => outbox.relay() },
      {
        name: 'learn of allowances',
        intervalMs: ALLOWANCES_INTERVAL_MS,
        run: () => allowances.refresh(),
      },
      {
        name: 'grant periods of schedules',
        intervalMs: SCHEDULE_INTERVAL_MS,
        run: () => this.grantSchedules.runDue(),
      },
      ...this.epoch.jobs,
      ...this.leases.jobs,
      ...this.proof.jobs,
    ];
    // None backs off: callers wait for Redis to be trusted and for leases to end as soon as servers are back.
    const steady = jobs.map((job) => ({ ...job, backsOff: false }));
    this.jobs = new BackgroundJobs(steady, logger);
  }

  private unsettledCaptures(): {
    readonly find: FindUnsettled;
    readonly republish: RepublishUnsettled;
  } {
    const unsettled = new UnsettledCaptures({
      redis: this.redis,
      ids: this.ids,
      producer: { publish: (event) => this.producer.publish('charge.requested', [event]) },
    });
    return {
      find: (keys, olderThanMs) => unsettled.findWallets(keys, olderThanMs),
      republish: ({ organizationId, currency }, olderThanMs, isDue) =>
        unsettled.republish(organizationId, currency, olderThanMs, isDue),
    };
  }

  async start(): Promise<void> {
    await this.producer.connect();
    await this.allowances.refresh();
    this.fitness.start();
    this.jobs.startSpread();
  }

  /** Resolves when PostgreSQL and Redis take writes and Kafka answers; rejects naming the one that does not. */
  async ready(): Promise<void> {
    await this.pool.query(REFUSE_READ_ONLY);
    const [fault] = await this.fitness.reasons();
    if (fault !== undefined) throw new OrbitError('unavailable', fault);
    if (!this.producer.isConnected()) throw new OrbitError('unavailable', 'Kafka is unavailable');
  }

  /** What is to be mended though it still works. */
  warnings(): readonly string[] {
    return this.fitness.warnings();
  }

  async onApplicationShutdown(): Promise<void> {
    this.fitness.stop();
    this.endReadings();
    await this.jobs.stop();
    await this.epoch.close();
    await this.leases.close();
    await this.producer.disconnect();
    this.redis.disconnect();
    await this.pool.end();
  }
}

@Module({})
export class WalletLedgerModule {
  static of(resources: LedgerResources): DynamicModule {
    const providers: Provider[] = [
      { provide: LedgerResources, useValue: resources },
      { provide: PostBatch, useValue: resources.postBatch },
      { provide: PostCharges, useValue: resources.postCharges },
      { provide: RateCharges, useValue: resources.rateCharges },
      { provide: AUTHORIZATIONS, useValue: resources.authorizations },
      { provide: ChangeWallet, useValue: resources.changeWallet },
      { provide: ManageLeases, useValue: resources.leases.manageLeases },
      { provide: ReserveRefund, useValue: new ReserveRefund(resources.changeWallet) },
      {
        provide: ReadPaymentEntries,
        useValue: new ReadPaymentEntries(new PostgresPaymentEntries(resources.pool)),
      },
      { provide: ReadWallet, useValue: resources.readWallet },
      { provide: ReadMovements, useValue: resources.readMovements },
      { provide: SetPolicies, useValue: resources.setPolicies },
      { provide: CorrectWallet, useValue: resources.correctWallet },
      { provide: ChangeBlock, useValue: resources.changeBlock },
      { provide: ReadBlocks, useValue: resources.readBlocks },
      { provide: GrantSchedules, useValue: resources.grantSchedules },
      ...resources.proof.providers,
      ...creditProviders(resources.pool, resources.changeWallet, resources.clock.accountClock),
      ...rateCardProviders(resources.pool, resources.clock.accountClock),
      ...marginProviders(resources.pool),
      ...accountClockProviders(resources.clock.due, resources.clock.accountClock),
    ];
    return {
      module: WalletLedgerModule,
      controllers: [
        ChargeRequestedConsumer,
        TopUpCompletedConsumer,
        WalletController,
        BlocksController,
        CorrectionsController,
        GrantSchedulesController,
        LeasesController,
        RefundEventsConsumer,
        RefundsController,
        DisputeEventsConsumer,
        ProofController,
        LedgerHealthController,
        PaymentEntriesController,
        CreditsController,
        AccountClockController,
        CreditDrawsController,
        CreditSalesController,
        BalanceStepsController,
        RateCardsController,
        MarginController,
      ],
      providers,
    };
  }
}
