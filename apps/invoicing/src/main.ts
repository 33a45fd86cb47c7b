import { KafkaBatchServer, secureKafka } from '@orbit/messaging';
import { callerGateOf, createLogger, loadConfig, startService } from '@orbit/runtime';
import { InvoicingConfig } from './invoicing.config.js';
import { InvoicingResources, InvoicingModule } from './invoicing.module.js';

const config = loadConfig(InvoicingConfig, process.env, (given) => {
  secureKafka(given);
  callerGateOf('invoicing', given);
});
const logger = createLogger('invoicing', config.LOG_LEVEL);
const resources = new InvoicingResources(config, logger);

const strategy = new KafkaBatchServer({
  brokers: config.KAFKA_BROKERS.split(','),
  clientId: 'invoicing',
  groupId: 'invoicing',
  topicPrefix: config.KAFKA_TOPIC_PREFIX,
  fetchSessions: config.KAFKA_FETCH_SESSIONS,
  producer: resources.producer,
  logger,
});
resources.due.addProbes(() => strategy.probeGroup());

await startService({
  name: 'invoicing',
  module: InvoicingModule.of(resources),
  rpcAddress: config.INVOICING_RPC,
  rpcGate: callerGateOf('invoicing', config),
  metricsToken: config.METRICS_TOKEN,
  healthPort: config.HEALTH_PORT,
  logger,
  prepare: () => resources.start(),
  ready: () => resources.ready(),
  strategy,
});
