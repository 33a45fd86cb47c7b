// Creates every topic of libs/events with its partitions and retention, then exits. Safe to repeat.
//   KAFKA_BROKERS=host:9092[,…] [KAFKA_TOPIC_PREFIX=…] [KAFKA_TLS=on KAFKA_SASL_…] node tools/topics.mjs   (after a build)
// KAFKA_ACL_USER_PREFIX=orbit- also gives the users orbit-gateway, orbit-wallet-ledger, … their rights at the broker.
import { createTopics, grantTopics, secureKafka } from '@orbit/messaging';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
if (brokers.length === 0) {
  console.error('KAFKA_BROKERS is not set');
  process.exit(78);
}
const topicPrefix = process.env['KAFKA_TOPIC_PREFIX'] ?? '';
secureKafka(process.env);
await createTopics({ brokers, topicPrefix });
console.log('topics are there');
const userPrefix = process.env['KAFKA_ACL_USER_PREFIX'];
if (userPrefix !== undefined && userPrefix !== '') {
  const count = await grantTopics({ brokers, topicPrefix, userPrefix });
  console.log(`${count} rights of services are there`);
}
