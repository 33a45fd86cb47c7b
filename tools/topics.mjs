// Creates every topic of libs/events with its partitions and retention, then exits. Safe to repeat.
//   KAFKA_BROKERS=host:9092[,…] [KAFKA_TOPIC_PREFIX=…] node tools/topics.mjs      (after a build)
import { createTopics } from '@orbit/messaging';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
if (brokers.length === 0) {
  console.error('KAFKA_BROKERS is not set');
  process.exit(78);
}
await createTopics({ brokers, topicPrefix: process.env['KAFKA_TOPIC_PREFIX'] ?? '' });
console.log('topics are there');
