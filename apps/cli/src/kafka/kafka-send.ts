import type { Message } from 'kafkajs';
import type { Context } from '../cli/context.js';
import { UsageError } from '../cli/faults.js';

/** Without a partition, its key or chance says which. */
export type SendMessages = (topic: string, messages: readonly Message[]) => Promise<void>;

/**
 * A function that sends messages byte for byte, `(topic, messages)`: kafkajs' own encoder takes neither a header
 * without a value nor more than one request holds. Resolves when every copy has them.
 */
export async function rawSender(context: Context): Promise<SendMessages> {
  const { encodedByPartition, PartitionChoice, splitBySize } = await import('@orbit/messaging/raw');
  const producer = await context.kafkaProducer();
  const admin = await context.kafkaAdmin();
  const choices = new Map<string, InstanceType<typeof PartitionChoice>>();
  const choiceOf = async (topic: string): Promise<InstanceType<typeof PartitionChoice>> => {
    const known = choices.get(topic);
    if (known !== undefined) return known;
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const [metadata] = topics;
    if (metadata === undefined) throw new UsageError(`There is no topic ${topic}.`);
    const choice = new PartitionChoice(metadata);
    choices.set(topic, choice);
    return choice;
  };
  return async (topic, messages) => {
    const choice = await choiceOf(topic);
    for (const part of splitBySize([{ topic, messages }])) {
      for (const { messages: records } of part) {
        await producer.send({ topic, acks: -1, messages: encodedByPartition(records, choice) });
      }
    }
  };
}
