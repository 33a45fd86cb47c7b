import type { EventProducer } from '@orbit/messaging';
import type { OutboxEvent } from '../application/ports.js';

/** Publishes events of the outbox, keyed by organization; one broker request for all of them. */
export class KafkaTopUpEvents {
  private connecting: Promise<void> | null = null;

  constructor(private readonly producer: EventProducer) {}

  /** Connects when there is no connection; concurrent callers share one try. */
  async connect(): Promise<void> {
    if (this.producer.isConnected()) return;
    this.connecting ??= this.producer.connect().finally(() => {
      this.connecting = null;
    });
    await this.connecting;
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
            source: 'checkout',
          })),
      })),
    );
  }
}
