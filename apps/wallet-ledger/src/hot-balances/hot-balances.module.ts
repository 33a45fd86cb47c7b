import { systemClock } from '@orbit/kernel';
import { gauge } from '@orbit/metrics';
import { TopicProgress, type EventProducer } from '@orbit/messaging';
import type { Feature, Logger } from '@orbit/runtime';
import {
  MemoryTrust,
  UnsettledCaptures,
  type AuthorizationIds,
  type HotBalances,
} from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { LedgerStore } from '../books/application/ports.js';
import type { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import type { WalletLedgerConfig } from '../wallet-ledger.config.js';
import { HoldReadings } from './adapters/hold-readings.js';
import { KafkaChargeLog } from './adapters/kafka-charge-log.js';
import { RedisHotBalances } from './adapters/redis-hot-balances.js';
import { RedisHotLoads, RedisOldHolds } from './adapters/redis-hot-loads.js';
import { RecoverEpoch, type MemoryTrustPort } from './application/recover-epoch.js';
import {
  RepublishLostCaptures,
  type FindUnsettled,
  type RepublishUnsettled,
} from './application/republish-unsettled.js';
import { ConfirmOldHolds } from './application/confirm-old-holds.js';
import { TouchingHotBalances } from './application/touched-wallets.js';

/** How often Redis is asked whether it still remembers, and a recovery whether it is over. */
const WATCH_INTERVAL_MS = 250;
const REPUBLISH_INTERVAL_MS = 5_000;
const COUNT_HOLDS_INTERVAL_MS = 5_000;

export interface HotBalanceParts {
  readonly config: WalletLedgerConfig;
  readonly logger: Logger;
  readonly redis: Redis;
  readonly ids: AuthorizationIds;
  readonly producer: EventProducer;
  readonly spend: HotBalances;
  readonly store: LedgerStore;
  readonly reader: PostgresWalletReader;
}

/** With the ports by which the books update Redis. */
export interface HotBalancesFeature extends Feature {
  readonly hotBalances: TouchingHotBalances;
  readonly hotLoads: RedisHotLoads;
  /** Captures that do not come into the books. */
  readonly stalls: RepublishLostCaptures['stalls'];
}

/** Updates Redis, and repairs it when it lost its memory or a capture was lost on the way. */
export function hotBalancesFeature(parts: HotBalanceParts): HotBalancesFeature {
  const { config, logger, redis, spend, reader } = parts;
  const hotBalances = new TouchingHotBalances(
    new RedisHotBalances(spend, config.LEDGER_CLAIM_TTL_MS),
  );
  const captures = unsettledCaptures(parts);
  const lost = new RepublishLostCaptures(reader, captures, systemClock, (stuck) =>
    logger.warn(stuck, 'captures do not come into the books; they are sent again ever more rarely'),
  );
  const memory = recovery(parts, hotBalances, captures.republish);
  const holds = new HoldReadings(redis, reader, systemClock);
  return {
    jobs: [
      { name: 'count holds', intervalMs: COUNT_HOLDS_INTERVAL_MS, run: () => holds.run() },
      {
        name: 'republish lost captures',
        intervalMs: REPUBLISH_INTERVAL_MS,
        run: () => lost.run(),
      },
      {
        name: 'watch the memory of Redis',
        intervalMs: WATCH_INTERVAL_MS,
        run: () => (redis.status === 'ready' ? memory.recovery.run() : idle()),
      },
    ],
    stop: () => memory.progress.close(),
    hotBalances,
    hotLoads: memory.hotLoads,
    stalls: () => lost.stalls(),
  };
}

function unsettledCaptures({ redis, ids, producer }: HotBalanceParts): {
  readonly find: FindUnsettled;
  readonly republish: RepublishUnsettled;
} {
  const unsettled = new UnsettledCaptures({
    ...{ redis, ids },
    producer: { publish: (event) => producer.publish('charge.requested', [event]) },
  });
  return {
    find: (keys, olderThanMs) => unsettled.findWallets(keys, olderThanMs),
    republish: ({ organizationId, currency }, olderThanMs, isDue) =>
      unsettled.republish(organizationId, currency, olderThanMs, isDue),
  };
}

/** Losing Redis: noticed, waited out, and no wallet loaded before. */
function recovery(
  { config, logger, redis, spend, store, reader }: HotBalanceParts,
  hotBalances: TouchingHotBalances,
  republish: RepublishUnsettled,
) {
  const progress = new TopicProgress({
    brokers: config.KAFKA_BROKERS.split(','),
    clientId: 'wallet-ledger-epoch',
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    groupId: config.LEDGER_GROUP_ID,
    topic: 'charge.requested',
    logger,
  });
  const watch = {
    lost: (partitions: number) =>
      logger.warn({ partitions }, 'Redis has lost its memory; wallets wait for the ledger'),
    recovered: (durationMs: number) =>
      logger.info({ durationMs }, 'the ledger has caught up; Redis is trusted again'),
  };
  const recovery = new RecoverEpoch(
    reportedTrust(new MemoryTrust({ redis })),
    new KafkaChargeLog(progress),
    watch,
    systemClock,
  );
  const confirmOldHolds = new ConfirmOldHolds(
    store,
    reader,
    new RedisOldHolds(spend),
    hotBalances,
    republish,
    systemClock,
  );
  const hotLoads = new RedisHotLoads({
    ...{ redis, hotBalances: spend, recovery, confirmOldHolds, logger },
  });
  return { progress, recovery, hotLoads };
}

/** Says on `/metrics` what it last answered. */
function reportedTrust(inner: MemoryTrustPort): MemoryTrustPort {
  const trusted = gauge('orbit_redis_trusted');
  return {
    async isTrusted() {
      const isTrusted = await inner.isTrusted();
      trusted.set(isTrusted ? 1 : 0);
      return isTrusted;
    },
    begin: () => inner.begin(),
    finish: (mark) => inner.finish(mark),
  };
}

const idle = (): Promise<number> => Promise.resolve(0);
