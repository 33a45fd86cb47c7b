import type { Message } from 'kafkajs';
import { encodedMessage } from './encoded-produce.js';
import type { PartitionChoice } from './partition-choice.js';

/** One message per partition, which stands for all of its records. */
export function encodedByPartition(
  messages: readonly Message[],
  choice: PartitionChoice,
): Message[] {
  const byPartition = new Map<number, Message[]>();
  for (const message of messages) {
    const partition = choice.partitionOf(message);
    const records = byPartition.get(partition);
    if (records) records.push(message);
    else byPartition.set(partition, [message]);
  }
  return [...byPartition].map(([partition, records]) => encodedMessage(partition, records));
}
