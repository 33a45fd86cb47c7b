import { randomUUID } from 'node:crypto';
import { newId, systemClock, type Clock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import type { RpcCallee } from '@orbit/contracts';
import {
  type Connection,
  REFUSE_READ_ONLY,
  type RpcClient,
  RpcIdentity,
  type Logger,
} from '@orbit/runtime';
import {
  AuthorizationIds,
  createSpendRedis,
  HotBalances,
  logRepairs,
  RedisFitness,
  RpcWalletLoader,
  SpendClient,
  partIn,
} from '@orbit/spend';
import type { Redis } from 'ioredis';
import {
  KEY_CACHE_TTL_SECONDS,
  REDIS_COMMAND_TIMEOUT_MS,
  REVOKED_KEY_TTL_SECONDS,
  RPC_TIMEOUT_MS,
  UNKNOWN_KEY_TTL_SECONDS,
  type GatewayConfig,
} from './gateway.config.js';
import { SpendAllowance } from './orbit/charges/spend-allowance.js';
import { PostgresAuditStore } from './edge/audit/postgres-audit-store.js';
import { RedisWrongKeys } from './edge/keys/redis-wrong-keys.js';
import { wrongKeyReports } from './edge/metrics/wrong-key-reports.js';
import type { KeyGate } from './edge/ports.js';
import { requestRateOf } from './organizations/request-rate.js';
import type { GatewayPorts } from './gateway.ports.js';
import { KafkaUsageTopic } from './orb/ingest/kafka-usage-topic.js';
import { LastAccountTimes } from './orb/ingest/last-account-times.js';
import { RpcOwners } from './orb/rpc-owners.js';
import { RpcAccountClocks } from './orb/test-clock.js';
import { PostgresAccountStore } from './organizations/accounts/postgres-account-store.js';
import { PostgresCustomerDirectory } from './organizations/customers/postgres-customer-directory.js';
import { measuredSpender } from './edge/metrics/measured-spender.js';
import { bounded } from './edge/rpc/availability.js';
import { HmacKeyHasher } from './organizations/hmac-key-hasher.js';
import { KafkaDeliveryReports } from './orbit/usage/kafka-delivery-reports.js';
import { OutageKeyGate } from './organizations/outage-key-gate.js';
import { PostgresOrganizationStore } from './organizations/postgres-organization-store.js';
import {
  ACCOUNT_TEXT,
  OPERATOR_TEXT,
  ORGANIZATION_TEXT,
  type OwnerText,
} from './organizations/key-owner-text.js';
import { PostgresOrganizationKeys } from './organizations/keys/postgres-organization-keys.js';
import { PostgresOperatorKeys } from './organizations/operators/postgres-operator-keys.js';
import { RedisKeyGate } from './organizations/redis-key-gate.js';
import { RedisPostingReplies } from './orbit/charges/redis-posting-replies.js';
import { tracedBatcher } from './orbit/charges/kafka-charge-batcher.js';
import { SignedAllowanceIds } from './orbit/charges/allowance-ids.js';
import { RedisHotReader, RedisSpender } from './orbit/charges/redis-spender.js';
import { PlanMemory } from './orbit/charges/plan-knowledge.js';
import type { Rpc } from './edge/rpc/rpc-services.js';
import { RedisChargeStates } from './orbit/explain/redis-charge-states.js';
import { clientsOf } from './edge/rpc/clients.js';

/** Connections of this process to Postgres. Only unknown keys and the operator ask it. */
const POOL_SIZE_MAX = 8;
/** A start-up waits this long between two tries to reach Kafka or Redis, in milliseconds. */
const RETRY_MS = 500;

export interface RemoteServices {
  readonly walletLedger: Rpc;
  readonly checkout: Rpc;
  readonly usageMetering: Rpc;
  readonly invoicing: Rpc;
}

/** The connections of the gateway. They come and go by themselves; none of them stops the process. */
export class GatewayResources implements Connection {
  private readonly prisma: PrismaClient;
  private readonly redis: Redis;
  private readonly subscriber: Redis;
  private readonly fitness: RedisFitness;
  private readonly producer: EventProducer;
  private readonly replies: RedisPostingReplies;
  private readonly rpcClients: RpcClient[] = [];
  private isStopping = false;

  constructor(
    private readonly config: GatewayConfig,
    private readonly logger: Logger,
    private readonly clock: Clock = systemClock,
  ) {
    this.prisma = createPrisma(config.DATABASE_URL, { poolSizeMax: POOL_SIZE_MAX, logger });
    const redisServer = { url: config.REDIS_URL, caFile: config.REDIS_CA_FILE };
    this.redis = createSpendRedis({
      ...redisServer,
      commandTimeoutMs: REDIS_COMMAND_TIMEOUT_MS,
    });
    logRepairs(logger);
    this.subscriber = createSpendRedis({ ...redisServer, isSubscriber: true });
    this.fitness = new RedisFitness({ redis: this.redis, logger });
    // After a fail-over that cuts no connection it would listen at the old server.
    this.redis.on('close', () => {
      if (this.subscriber.status === 'ready') this.subscriber.disconnect(true);
    });
    this.replies = new RedisPostingReplies(this.subscriber, randomUUID());
    this.producer = new EventProducer({
      brokers: config.KAFKA_BROKERS.split(','),
      clientId: newId('evt', clock.nowMs()).replace('evt', 'gateway'),
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
      ownEncoder: config.KAFKA_OWN_ENCODER,
      logger,
    });
  }

  /** `services` stands in for the other services in tests; by default they are called over RPC. */
  ports(services: RemoteServices = this.callServices()): GatewayPorts {
    const { config, clock, redis, producer } = this;
    const clients = clientsOf(services);
    const planKnowledge = new PlanMemory(clients.subscriptions);
    const ids = new AuthorizationIds({
      secret: config.AUTHORIZATION_SECRET,
      previousSecret: config.AUTHORIZATION_SECRET_PREVIOUS,
    });
    const allowanceIds = new SignedAllowanceIds(ids);
    const chargeStates = new RedisChargeStates(redis, ids);
    const client = new SpendClient({
      redis,
      producer: tracedBatcher(producer),
      clock,
      ids,
      limits: { processCount: config.SPEND_PROCESS_COUNT },
      loader: new RpcWalletLoader(services.walletLedger),
    });
    return {
      clock,
      clients,
      chargeStates,
      organizations: new PostgresOrganizationStore(this.prisma),
      gate: this.keyGate(ORGANIZATION_TEXT),
      accounts: new PostgresAccountStore(this.prisma),
      accountGate: this.keyGate(ACCOUNT_TEXT),
      accountClocks: new RpcAccountClocks(services.invoicing),
      customers: new PostgresCustomerDirectory(this.prisma),
      orbOwners: new RpcOwners({
        invoicing: services.invoicing,
        'usage-metering': services.usageMetering,
        'wallet-ledger': services.walletLedger,
        checkout: services.checkout,
      }),
      accountTimes: new LastAccountTimes(clients.usageIngest, clock),
      usageTopic: new KafkaUsageTopic(producer, clock),
      organizationKeys: new PostgresOrganizationKeys(this.prisma),
      operatorKeys: new PostgresOperatorKeys(this.prisma),
      operatorGate: this.keyGate(OPERATOR_TEXT),
      environmentKey: config.OPERATOR_API_KEY,
      audit: new PostgresAuditStore(this.prisma),
      reportLostUse: (keyId, err) =>
        this.logger.warn({ key_id: keyId, err }, 'the last use of a key is not written down'),
      sharedWrongKeys: new RedisWrongKeys(redis),
      reportWrongKey: wrongKeyReports(this.logger),
      hasher: new HmacKeyHasher(config.API_KEY_HASH_SECRET),
      hot: new RedisHotReader(new HotBalances({ redis })),
      spender: measuredSpender(
        new SpendAllowance(new RedisSpender(client), planKnowledge, chargeStates, allowanceIds),
      ),
      authorizationIdOf: (intent, terms) => {
        const id = ids.idOf({ ...intent, part: partIn(intent.metadata) });
        return terms === null ? id : allowanceIds.withTerms(intent.organizationId, id, terms);
      },
      replies: this.replies,
      deliveryReports: new KafkaDeliveryReports(producer, clock),
      planKnowledge,
      readiness: { reasons: () => this.reasons(), warnings: () => this.fitness.warnings() },
      publicUrl: config.PUBLIC_URL.replace(/\/+$/, ''),
    };
  }

  private keyGate<Owner extends object>(owners: OwnerText<Owner>): KeyGate<Owner> {
    const { config, clock, redis } = this;
    const limits = {
      requestsPerSecond: config.RATE_LIMIT_PER_SECOND,
      burst: config.RATE_LIMIT_BURST,
      keyTtlSeconds: KEY_CACHE_TTL_SECONDS,
      unknownKeyTtlSeconds: UNKNOWN_KEY_TTL_SECONDS,
      revokedKeyTtlSeconds: REVOKED_KEY_TTL_SECONDS,
    };
    return new OutageKeyGate(new RedisKeyGate(redis, limits, owners), requestRateOf(limits), clock);
  }

  /** Connects in the background: a request that needs a connection that is not there yet gets 503. */
  open(): void {
    this.fitness.start();
    void this.untilDone('Kafka', () => this.producer.connect());
    void this.untilDone('Redis', () => this.replies.subscribe());
  }

  async close(): Promise<void> {
    this.isStopping = true;
    this.fitness.stop();
    for (const client of this.rpcClients) client.close();
    await this.producer.disconnect();
    this.redis.disconnect();
    this.subscriber.disconnect();
    await this.prisma.$disconnect();
  }

  private async reasons(): Promise<readonly string[]> {
    const reasons = this.producer.isConnected() ? [] : ['Kafka is unavailable'];
    const [redis, postgres] = await Promise.allSettled([
      bounded('Redis', this.fitness.reasons()),
      bounded('Postgres', this.prisma.$executeRawUnsafe(REFUSE_READ_ONLY)),
    ]);
    reasons.push(...(redis.status === 'fulfilled' ? redis.value : ['Redis is unavailable']));
    if (postgres.status === 'rejected') reasons.push('Postgres is unavailable');
    return reasons;
  }

  private async untilDone(what: string, connect: () => Promise<void>): Promise<void> {
    while (!this.isStopping) {
      try {
        return await connect();
      } catch (error) {
        this.logger.warn({ err: error }, `${what} is not reachable yet`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  private callServices(): RemoteServices {
    const identity = new RpcIdentity('gateway', this.config.RPC_TOKENS);
    const call = (name: RpcCallee, address: string): RpcClient => {
      const client = identity.client(name, address, RPC_TIMEOUT_MS);
      this.rpcClients.push(client);
      return client;
    };
    const { config } = this;
    return {
      walletLedger: call('wallet-ledger', config.WALLET_LEDGER_RPC),
      checkout: call('checkout', config.CHECKOUT_RPC),
      usageMetering: call('usage-metering', config.USAGE_METERING_RPC),
      invoicing: call('invoicing', config.INVOICING_RPC),
    };
  }
}
