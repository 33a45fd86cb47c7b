import type { TopicProgress } from '@orbit/messaging';
import type { IngestProgress } from '../application/ports.js';

/** Shorter than a caller waits for the answer. */
const WAIT_MS_MAX = 2_000;
const POLL_MS = 50;

/** Reads from Kafka how far events are stored: offsets are committed after their effects. */
export class KafkaIngestProgress implements IngestProgress {
  constructor(private readonly progress: Pick<TopicProgress, 'readEnds' | 'isHandled'>) {}

  async isCaughtUp(): Promise<boolean> {
    const ends = await this.progress.readEnds();
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      if (await this.progress.isHandled(ends)) return true;
      if (waitedMs >= WAIT_MS_MAX) return false;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
