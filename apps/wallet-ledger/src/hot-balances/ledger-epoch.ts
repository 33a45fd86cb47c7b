import { systemClock } from '@orbit/kernel';
import { gauge } from '@orbit/metrics';
import { TopicProgress } from '@orbit/messaging';
import type { BackgroundJob, Logger } from '@orbit/runtime';
import { MemoryTrust, type HotBalances } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { HotBalancesPort, LedgerStore, WalletReader } from '../books/application/ports.js';
import { RecoverEpoch, type MemoryTrustPort } from './application/recover-epoch.js';
import type { RepublishUnsettled } from './application/republish-unsettled.js';
import { SettleOldHolds } from './application/settle-old-holds.js';
import { KafkaChargeLog } from './adapters/kafka-charge-log.js';
import { RedisHotLoads, RedisOldHolds } from './adapters/redis-hot-loads.js';
import type { WalletLedgerConfig } from '../wallet-ledger.config.js';

/** How often Redis is asked whether it still remembers, and a recovery whether it is over. */
const WATCH_INTERVAL_MS = 250;

export interface LedgerEpochOptions {
  readonly config: WalletLedgerConfig;
  readonly logger: Logger;
  readonly redis: Redis;
  readonly spend: HotBalances;
  readonly store: LedgerStore;
  readonly reader: WalletReader;
  readonly hotBalances: HotBalancesPort;
  readonly republish: RepublishUnsettled;
}

/** Losing Redis, wired: what the module of the service needs of it. */
export class LedgerEpoch {
  readonly hotLoads: RedisHotLoads;
  readonly jobs: readonly BackgroundJob[];
  private readonly progress: TopicProgress;

  constructor(options: LedgerEpochOptions) {
    const { config, logger, redis, spend, store, reader, hotBalances, republish } = options;
    this.progress = new TopicProgress({
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
      new KafkaChargeLog(this.progress),
      watch,
      systemClock,
    );
    const settleOldHolds = new SettleOldHolds(
      store,
      reader,
      new RedisOldHolds(spend),
      hotBalances,
      republish,
      systemClock,
    );
    const loads = { redis, hotBalances: spend, recovery, settleOldHolds, logger };
    this.hotLoads = new RedisHotLoads(loads);
    const run = (): Promise<number> => (redis.status === 'ready' ? recovery.run() : idle());
    this.jobs = [{ name: 'watch the memory of Redis', intervalMs: WATCH_INTERVAL_MS, run }];
  }

  close(): Promise<void> {
    return this.progress.close();
  }
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
