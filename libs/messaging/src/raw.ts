/**
 * Messages as they are on the broker, read and sent byte for byte: what the operators' tools need. A part of its own
 * without Nest, which would take longer to load than most commands to run.
 */
import { registerUnpackCodecs } from './unpack-codecs.js';

registerUnpackCodecs();

export { carriedHeaders } from './carried-headers.js';
export { crashReason } from './crash-reason.js';
export { encodedByPartition } from './encoded-by-partition.js';
export { PartitionChoice } from './partition-choice.js';
export { splitBySize } from './send-queue.js';
