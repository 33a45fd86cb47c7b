import type { TopicProgress } from '@orbit/messaging';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InFlight } from '../application/ports.js';

const POLL_MS = 50;
const SETTLE_MS_MAX = 2_000;

/** What lies on `usage.ingested` and was not stored yet. Errors: kafkajs' when Kafka is away. */
export class KafkaInFlight implements InFlight {
  constructor(private readonly progress: TopicProgress) {}

  async settle(): Promise<void> {
    const ends = await this.progress.readEnds();
    for (let waitedMs = 0; waitedMs < SETTLE_MS_MAX; waitedMs += POLL_MS) {
      if (await this.progress.isHandled(ends)) return;
      await sleep(POLL_MS);
    }
  }
}
