import { KafkaBatchServer, secureKafka } from '@orbit/messaging';
import { callerGateOf, createLogger, loadConfig, startService } from '@orbit/runtime';
import { CheckoutConfig } from './checkout.config.js';
import { assembleCheckout, CheckoutModule } from './checkout.module.js';

const config = loadConfig(CheckoutConfig, process.env, (given) => {
  secureKafka(given);
  callerGateOf('checkout', given);
});
const logger = createLogger('checkout', config.LOG_LEVEL);
const parts = assembleCheckout(config, logger);

const strategy = new KafkaBatchServer({
  brokers: config.KAFKA_BROKERS.split(','),
  clientId: 'checkout',
  groupId: 'checkout',
  topicPrefix: config.KAFKA_TOPIC_PREFIX,
  fetchSessions: config.KAFKA_FETCH_SESSIONS,
  producer: parts.producer,
  logger,
});
parts.due.addProbes(() => strategy.probeGroup());

await startService({
  name: 'checkout',
  logger,
  module: CheckoutModule.of(parts),
  rpcAddress: config.CHECKOUT_RPC,
  rpcGate: callerGateOf('checkout', config),
  metricsToken: config.METRICS_TOKEN,
  healthPort: config.HEALTH_PORT,
  prepare: () => parts.service.start(),
  ready: () => parts.ready(),
  strategy,
});
