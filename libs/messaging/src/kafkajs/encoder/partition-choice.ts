import { Partitioners, type ITopicMetadata, type Message } from 'kafkajs';

/** Keys whose partition is remembered; full, it starts again. */
const KEYS_MAX = 100_000;

/**
 * The partition of a message: murmur2 of its key, as Java and librdkafka clients choose, so that a key has
 * one partition whoever sends. Remembered per key, because hashing costs more than everything around it.
 */
export class PartitionChoice {
  private readonly choose = Partitioners.DefaultPartitioner();
  private readonly byKey = new Map<string, number>();

  constructor(private readonly metadata: ITopicMetadata) {}

  partitionOf(message: Message): number {
    const { key } = message;
    if (typeof key !== 'string') return this.ask(message);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    if (this.byKey.size >= KEYS_MAX) this.byKey.clear();
    const partition = this.ask(message);
    this.byKey.set(key, partition);
    return partition;
  }

  private ask(message: Message): number {
    const { name: topic, partitions: partitionMetadata } = this.metadata;
    return this.choose({ topic, partitionMetadata, message });
  }
}
