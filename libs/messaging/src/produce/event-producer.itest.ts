import { createLogger } from '@orbit/runtime';
import { eventually, testInfra, uniqueId } from '@orbit/testing';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { createTopics } from '../topics/create-topics.js';
import { makeTopics } from '../topics/make-topics.js';
import { EventProducer } from './event-producer.js';

const TOPIC = 'charge.requested';
const brokers = [...testInfra().kafkaBrokers];

test('a Kafka that answers but takes no writes is not ready, until it takes them again', async () => {
  const topicPrefix = `${uniqueId()}.`;
  await createTopics({ brokers, topicPrefix, services: ['wallet-ledger'] });
  const admin = makeKafka({ brokers, clientId: 'test' }, 15_000).admin();
  const logger = createLogger('test', 'silent');
  const producer = new EventProducer({ brokers, clientId: 'test', topicPrefix, logger });
  await Promise.all([admin.connect(), producer.connect()]);
  await producer.publish(TOPIC, [{ key: 'org_1', id: 'evt_1', timeMs: 0, value: {} }]);
  expect(producer.isConnected()).toBe(true);

  // Nobody publishes meanwhile: readiness finds out by itself.
  await admin.deleteTopics({ topics: [topicPrefix + TOPIC] });
  await eventually(() => expect(producer.isConnected()).toBe(false), { timeoutMs: 30_000 });
  await makeTopics(admin, [{ topic: topicPrefix + TOPIC, numPartitions: 3 }]);
  await eventually(() => expect(producer.isConnected()).toBe(true), { timeoutMs: 30_000 });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
});
