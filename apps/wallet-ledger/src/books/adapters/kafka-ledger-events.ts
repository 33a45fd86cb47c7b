import type { EventProducer, OutgoingEvent } from '@orbit/messaging';
import type { TopicName } from '@orbit/events';
import type { LedgerEvent, LedgerEvents } from '../application/ports.js';

/** All events of a batch in one request to the producer, acks=all. */
export class KafkaLedgerEvents implements LedgerEvents {
  constructor(private readonly producer: EventProducer) {}

  async publish(events: readonly LedgerEvent[], timeMs: number): Promise<void> {
    const byTopic = new Map<TopicName, OutgoingEvent<unknown>[]>();
    for (const { topic, id, key, value, trace } of events) {
      const set = byTopic.get(topic) ?? [];
      set.push({ key, value, id, timeMs, ...(trace && { headers: { ...trace } }) });
      byTopic.set(topic, set);
    }
    const sets = [...byTopic].map(([topic, set]) => ({ topic, events: set }));
    await this.producer.publishMany(sets);
  }
}
