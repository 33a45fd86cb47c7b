import { systemClock } from '@orbit/kernel';
import { TopicProgress } from '@orbit/messaging';
import { instances, type Feature, type Logger } from '@orbit/runtime';
import type pg from 'pg';
import type { ChangeWallet } from '../books/application/change-wallet.js';
import { KafkaChargeLog } from '../hot-balances/adapters/kafka-charge-log.js';
import type { WalletLedgerConfig } from '../wallet-ledger.config.js';
import { LeasesController } from './adapters/leases.controller.js';
import { PostgresLeaseReader } from './adapters/postgres-lease-reader.js';
import { EndLeases } from './application/end-leases.js';
import { ManageLeases } from './application/manage-leases.js';

/** How often leases are looked at that are past their end or waiting for their last charges. */
const END_INTERVAL_MS = 1_000;

export interface LeaseParts {
  readonly config: WalletLedgerConfig;
  readonly logger: Logger;
  readonly pool: pg.Pool;
  readonly changeWallet: ChangeWallet;
}

/** With what tests open leases by. */
export interface LeasesFeature extends Feature {
  readonly manageLeases: ManageLeases;
}

/** Leases: money set aside that one process spends from its memory. */
export function leasesFeature({ config, logger, pool, changeWallet }: LeaseParts): LeasesFeature {
  const progress = new TopicProgress({
    brokers: config.KAFKA_BROKERS.split(','),
    clientId: 'wallet-ledger-leases',
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    groupId: config.LEDGER_GROUP_ID,
    topic: 'charge.requested',
    logger,
  });
  const reader = new PostgresLeaseReader(pool);
  const endLeases = new EndLeases(changeWallet, reader, new KafkaChargeLog(progress), systemClock);
  const manageLeases = new ManageLeases(changeWallet, reader, endLeases, systemClock);
  return {
    controllers: [LeasesController],
    providers: instances(manageLeases),
    jobs: [{ name: 'end leases', intervalMs: END_INTERVAL_MS, run: () => endLeases.run() }],
    stop: () => progress.close(),
    manageLeases,
  };
}
