import { OrbitError } from '@orbit/contracts';
import type { EventProducer } from '@orbit/messaging';
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
    const topics = [...new Set(events.map((event) => event.topic))];
    await this.producer.publishMany(
      topics.map((topic) => ({
        topic,
        events: events
          .filter((event) => event.topic === topic)
          .map((event) => ({
            key: event.value.organization_id,
            value: event.value,
            id: event.eventId,
            timeMs: event.occurredAtMs,
          })),
      })),
    );
  }
}
