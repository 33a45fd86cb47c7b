import { OrbitError } from '@orbit/contracts';
import { byTopic, type EventProducer } from '@orbit/messaging';
import type { OutboxEvent } from '../application/ports.js';

/** Publishes events of the outbox, keyed by organization; one broker request for all of them. */
export class KafkaTopUpEvents {
  constructor(private readonly producer: EventProducer) {}

  /** Rejects while Kafka cannot be reached; the producer goes on trying by itself. */
  async connect(): Promise<void> {
    if (!this.producer.isConnected()) await this.producer.connect();
    if (!this.producer.isConnected()) throw new OrbitError('unavailable', 'Kafka is unavailable.');
  }

  async publish(events: readonly OutboxEvent[]): Promise<void> {
    await this.connect();
    await this.producer.publishMany(
      byTopic(
        events.map(({ eventId, topic, value, occurredAtMs, trace }) => ({
          ...{ id: eventId, topic, value, atMs: occurredAtMs },
          key: value.organization_id,
          ...(trace && { trace }),
        })),
      ),
    );
  }
}
