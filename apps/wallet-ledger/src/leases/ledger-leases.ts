import { systemClock } from '@orbit/kernel';
import { TopicProgress } from '@orbit/messaging';
import type { BackgroundJob, Logger } from '@orbit/runtime';
import type pg from 'pg';
import type { ChangeWallet } from '../books/application/change-wallet.js';
import { EndLeases } from './application/end-leases.js';
import { ManageLeases } from './application/manage-leases.js';
import { KafkaChargeLog } from '../hot-balances/adapters/kafka-charge-log.js';
import { PostgresLeaseReader } from './adapters/postgres-lease-reader.js';
import type { WalletLedgerConfig } from '../wallet-ledger.config.js';

/** How often leases are looked at that are past their end or waiting for their last charges. */
const END_INTERVAL_MS = 1_000;

export interface LedgerLeasesOptions {
  readonly config: WalletLedgerConfig;
  readonly logger: Logger;
  readonly pool: pg.Pool;
  readonly changeWallet: ChangeWallet;
}

/** Leases, wired: what the module of the service needs of them. */
export class LedgerLeases {
  readonly manageLeases: ManageLeases;
  readonly jobs: readonly BackgroundJob[];
  private readonly progress: TopicProgress;

  constructor({ config, logger, pool, changeWallet }: LedgerLeasesOptions) {
    this.progress = new TopicProgress({
      brokers: config.KAFKA_BROKERS.split(','),
      clientId: 'wallet-ledger-leases',
      topicPrefix: config.KAFKA_TOPIC_PREFIX,
      groupId: config.LEDGER_GROUP_ID,
      topic: 'charge.requested',
      logger,
    });
    const reader = new PostgresLeaseReader(pool);
    const chargeLog = new KafkaChargeLog(this.progress);
    const endLeases = new EndLeases(changeWallet, reader, chargeLog, systemClock);
    this.manageLeases = new ManageLeases(changeWallet, reader, endLeases, systemClock);
    this.jobs = [{ name: 'end leases', intervalMs: END_INTERVAL_MS, run: () => endLeases.run() }];
  }

  close(): Promise<void> {
    return this.progress.close();
  }
}
