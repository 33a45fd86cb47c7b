import { KafkaBatchServer, secureKafka } from '@orbit/messaging';
import { callerGateOf, createLogger, loadConfig, startService } from '@orbit/runtime';
import { partitionStalls } from './reconciliation/adapters/partition-stalls.js';
import { WalletLedgerConfig } from './wallet-ledger.config.js';
import { LedgerResources, WalletLedgerModule } from './wallet-ledger.module.js';

/** A heartbeat may be late, and the next, before the session is over. */
const HEARTBEATS_PER_SESSION = 5;

/** Some 10,000 charges, in up to three groups under way. */
const HANDLED_BYTES_MAX = 4 * 1024 * 1024;

const config = loadConfig(WalletLedgerConfig, process.env, (given) => {
  secureKafka(given);
  callerGateOf('wallet-ledger', given);
});
const logger = createLogger('wallet-ledger', config.LOG_LEVEL);
const resources = new LedgerResources(config, logger);

const strategy = new KafkaBatchServer({
  brokers: config.KAFKA_BROKERS.split(','),
  clientId: 'wallet-ledger',
  groupId: `${config.KAFKA_TOPIC_PREFIX}${config.LEDGER_GROUP_ID}`,
  topicPrefix: config.KAFKA_TOPIC_PREFIX,
  fetchSessions: config.KAFKA_FETCH_SESSIONS,
  producer: resources.producer,
  // Whatever waits in several partitions shares a group commit.
  handledBytesMax: HANDLED_BYTES_MAX,
  sessionTimeoutMs: config.LEDGER_SESSION_TIMEOUT_MS,
  heartbeatMs: Math.floor(config.LEDGER_SESSION_TIMEOUT_MS / HEARTBEATS_PER_SESSION),
  logger,
});
resources.stalls.watch(() => partitionStalls(strategy.standstills(), config.KAFKA_TOPIC_PREFIX));

resources.due.addProbes(() => strategy.probeGroup());

await startService({
  name: 'wallet-ledger',
  module: WalletLedgerModule.of(resources),
  rpcAddress: config.WALLET_LEDGER_RPC,
  rpcGate: callerGateOf('wallet-ledger', config),
  metricsToken: config.METRICS_TOKEN,
  healthPort: config.HEALTH_PORT,
  logger,
  prepare: () => resources.start(),
  ready: () => resources.ready(),
  warnings: () => resources.warnings(),
  strategy,
});
