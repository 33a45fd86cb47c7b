import type { TopicProgress } from '@orbit/messaging';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InFlight } from '../application/ports.js';

const POLL_MS = 50;
const ARRIVAL_MS_MAX = 2_000;

/** Messages of `usage.ingested` that are not stored yet. Errors: kafkajs' when Kafka is unavailable. */
export class KafkaInFlight implements InFlight {
  constructor(private readonly progress: TopicProgress) {}

  async arrived(): Promise<void> {
    const ends = await this.progress.readEnds();
    for (let waitedMs = 0; waitedMs < ARRIVAL_MS_MAX; waitedMs += POLL_MS) {
      if (await this.progress.isHandled(ends)) return;
      await sleep(POLL_MS);
    }
  }
}
