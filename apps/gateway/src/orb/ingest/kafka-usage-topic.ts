import type { UsageIngested } from '@orbit/events';
import { newId, type Clock } from '@orbit/kernel';
import type { EventProducer } from '@orbit/messaging';
import { bounded } from '../../edge/rpc/availability.js';
import { keyOfMessage } from './cut-messages.js';
import type { UsageTopic } from './ingest-ports.js';

/** A request of 1 MiB takes its time on a busy broker, in milliseconds. */
const PUBLISH_MS_MAX = 10_000;

/** Messages to `usage.ingested`, acknowledged by every copy. */
export class KafkaUsageTopic implements UsageTopic {
  constructor(
    private readonly producer: EventProducer,
    private readonly clock: Clock,
  ) {}

  async publish(messages: readonly UsageIngested[]): Promise<void> {
    const timeMs = this.clock.nowMs();
    const events = messages.map((value) => ({
      key: keyOfMessage(value),
      value,
      id: newId('evt', timeMs),
      timeMs,
      source: 'gateway',
    }));
    await bounded('Kafka', this.producer.publish('usage.ingested', events), PUBLISH_MS_MAX);
  }
}
