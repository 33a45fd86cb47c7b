export {
  BatchHandler,
  KAFKA_BATCH_TRANSPORT,
  type EventBatch,
  type ReceivedEvent,
} from './consume/batch-handler.js';
export {
  coPartitionAssigner,
  assignPartitions,
  type GroupMember,
} from './topics/co-partition-assigner.js';
export { grantTopics, type GrantTopicsOptions } from './topics/grant-topics.js';
export { createTopics, type CreateTopicsOptions } from './topics/create-topics.js';
export { makeTopics, untilTopicsAnswer, type TopicSize } from './topics/make-topics.js';
export { decodeMessage, type Decoded } from './consume/decode-message.js';
export { deadLetterTopic, physicalTopic } from './topics/topic-names.js';
export {
  EventProducer,
  type EventProducerOptions,
  type EventSet,
  type OutgoingEvent,
} from './produce/event-producer.js';
export { KafkaConsumerSettings, KafkaSettings } from './settings/kafka-settings.js';
export { secureKafka } from './settings/secure-kafka.js';
export { patientAdmin } from './kafkajs/patient-admin.js';
export { KafkaBatchServer } from './consume/kafka-batch-server.js';
export type { KafkaBatchServerOptions } from './consume/batch-server-options.js';
export type { Standstill } from './consume/lanes/partition-lanes.js';
export {
  TopicProgress,
  type TopicEnds,
  type TopicProgressOptions,
} from './topics/topic-progress.js';
export {
  byTopic,
  Outbox,
  toOutgoing,
  type KeptEvent,
  type OutboxQuery,
  type OutboxTable,
  type OutboxTransactions,
  type PublishKept,
} from './outbox/outbox.js';
