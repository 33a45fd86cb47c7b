import { KafkaBatchServer, secureKafka } from '@orbit/messaging';
import { callerGateOf, createLogger, loadConfig, startService } from '@orbit/runtime';
import { UsageMeteringConfig } from './usage-metering.config.js';
import { MeteringResources, UsageMeteringModule } from './usage-metering.module.js';

const HEARTBEATS_PER_SESSION = 5;

const config = loadConfig(UsageMeteringConfig, process.env, (given) => {
  secureKafka(given);
  callerGateOf('usage-metering', given);
});
const logger = createLogger('usage-metering', config.LOG_LEVEL);
const resources = new MeteringResources(config, logger);

const strategy = new KafkaBatchServer({
  brokers: config.KAFKA_BROKERS.split(','),
  clientId: 'usage-metering',
  groupId: 'usage-metering',
  topicPrefix: config.KAFKA_TOPIC_PREFIX,
  sessionTimeoutMs: config.METERING_SESSION_TIMEOUT_MS,
  heartbeatMs: Math.floor(config.METERING_SESSION_TIMEOUT_MS / HEARTBEATS_PER_SESSION),
  fetchSessions: config.KAFKA_FETCH_SESSIONS,
  producer: resources.producer,
  logger,
});
resources.due.addProbes(() => strategy.probeGroup());

await startService({
  name: 'usage-metering',
  module: UsageMeteringModule.of(resources),
  rpcAddress: config.USAGE_METERING_RPC,
  rpcGate: callerGateOf('usage-metering', config),
  metricsToken: config.METRICS_TOKEN,
  healthPort: config.HEALTH_PORT,
  logger,
  prepare: () => resources.start(),
  ready: () => resources.ready(),
  warnings: () => resources.warnings(),
  strategy,
});
