import { LEDGER_PARTITIONS } from '@orbit/events';
import { KafkaBatchServer } from '@orbit/messaging';
import { createLogger, loadConfig, startService } from '@orbit/runtime';
import { WalletLedgerConfig } from './wallet-ledger.config.js';
import { LedgerResources, WalletLedgerModule } from './wallet-ledger.module.js';

/** A heartbeat may be late, and the next, before the session is over. */
const HEARTBEATS_PER_SESSION = 5;

const config = loadConfig(WalletLedgerConfig, process.env);
const logger = createLogger('wallet-ledger', config.LOG_LEVEL);
const resources = new LedgerResources(config, logger);

await startService({
  name: 'wallet-ledger',
  module: WalletLedgerModule.of(resources),
  rpcAddress: config.WALLET_LEDGER_RPC,
  healthPort: config.HEALTH_PORT,
  logger,
  prepare: () => resources.start(),
  ready: () => resources.ready(),
  strategy: new KafkaBatchServer({
    brokers: config.KAFKA_BROKERS.split(','),
    clientId: 'wallet-ledger',
    groupId: `${config.KAFKA_TOPIC_PREFIX}${config.LEDGER_GROUP_ID}`,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    producer: resources.producer,
    // Whatever waits in several partitions shares a group commit.
    partitionsConsumedConcurrently: LEDGER_PARTITIONS,
    sessionTimeoutMs: config.LEDGER_SESSION_TIMEOUT_MS,
    heartbeatMs: Math.floor(config.LEDGER_SESSION_TIMEOUT_MS / HEARTBEATS_PER_SESSION),
    logger,
  }),
});
