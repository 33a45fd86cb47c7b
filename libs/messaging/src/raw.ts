/**
 * Messages as they are on the broker, read and sent byte for byte: what the operators' tools need. A part of its own
 * without Nest, which would take longer to load than most commands to run.
 */
import { registerOwnEncoder } from './kafkajs/encoder/encoded-produce.js';
import { registerUnpackCodecs } from './kafkajs/unpacking/unpack-codecs.js';

registerUnpackCodecs();
registerOwnEncoder();

export { carriedHeaders } from './consume/carried-headers.js';
export { crashReason } from './kafkajs/crash-reason.js';
export { encodedByPartition } from './kafkajs/encoder/encoded-by-partition.js';
export { patientAdmin } from './kafkajs/patient-admin.js';
export { PartitionChoice } from './kafkajs/encoder/partition-choice.js';
export { readKafkaSecurity, type KafkaSecurity } from './settings/kafka-security.js';
export { splitBySize } from './produce/send-queue.js';
export { makeTopics } from './topics/make-topics.js';
