/**
 * Messages as they are on the broker, read and sent byte for byte: what the operators' tools need. A part of its own
 * without Nest, which would take longer to load than most commands to run.
 */
import { registerUnpackCodecs } from './kafkajs/unpack-codecs.js';

registerUnpackCodecs();

export { carriedHeaders } from './consume/carried-headers.js';
export { crashReason } from './kafkajs/crash-reason.js';
export { encodedByPartition } from './kafkajs/encoded-by-partition.js';
export { PartitionChoice } from './kafkajs/partition-choice.js';
export { splitBySize } from './produce/send-queue.js';
