export {
  BatchHandler,
  KAFKA_BATCH_TRANSPORT,
  type EventBatch,
  type ReceivedEvent,
} from './batch-handler.js';
export {
  coPartitionAssigner,
  assignPartitions,
  type GroupMember,
} from './co-partition-assigner.js';
export { createTopics, type CreateTopicsOptions } from './create-topics.js';
export { decodeMessage, type Decoded } from './decode-message.js';
export { deadLetterTopic, physicalTopic } from './topic-names.js';
export {
  EventProducer,
  type EventProducerOptions,
  type EventSet,
  type OutgoingEvent,
} from './event-producer.js';
export { KafkaBatchServer, type KafkaBatchServerOptions } from './kafka-batch-server.js';
export type { Standstill } from './standstill.js';
export { TopicProgress, type TopicEnds, type TopicProgressOptions } from './topic-progress.js';
