import type { Logger } from '@orbit/runtime';
import type { TopicPartitionOffsetAndMetadata } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface OffsetCommitsOptions {
  readonly commit: (offsets: TopicPartitionOffsetAndMetadata[]) => Promise<void>;
  readonly isOwned: (topic: string, partition: number) => boolean;
  readonly logger: Logger;
}

const RETRY_MS = 200;
/** Between two commits: what they lag behind is only read again after a crash, and found done. */
const REST_MS = 100;

/**
 * Commits how far each partition is done: one request at a time and ten a second at most, for all
 * partitions that moved meanwhile. A commit that fails is tried again with whatever is newer by then;
 * until it succeeds the messages may only come again, never be skipped.
 */
export class OffsetCommits {
  /** "topic/partition" → the offset after the last message that is done. */
  private readonly done = new Map<string, TopicPartitionOffsetAndMetadata>();
  private sending: Promise<void> | null = null;
  private readonly closing = new AbortController();

  constructor(private readonly options: OffsetCommitsOptions) {}

  add(topic: string, partition: number, offset: string): void {
    this.done.set(`${topic}/${partition}`, { topic, partition, offset });
    this.sending ??= this.send();
  }

  /** One last try when the process ends; what it misses is read again, and found done. */
  async flush(): Promise<void> {
    this.closing.abort();
    await this.sending;
    if (this.done.size > 0) await this.sendOnce();
  }

  private async send(): Promise<void> {
    // What is done in the same turn of the event loop shares the first request.
    await Promise.resolve();
    try {
      while (this.done.size > 0 && !this.closing.signal.aborted) {
        const isSent = await this.sendOnce();
        await this.rest(isSent ? REST_MS : RETRY_MS);
      }
    } finally {
      this.sending = null;
    }
  }

  /** Waits, but not past the last try. */
  private async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }

  private async sendOnce(): Promise<boolean> {
    const { commit, isOwned, logger } = this.options;
    const all = [...this.done];
    this.done.clear();
    // Who owns a partition by now commits for it.
    const mine = all.filter(([, { topic, partition }]) => isOwned(topic, partition));
    if (mine.length === 0) return true;
    try {
      await commit(mine.map(([, offset]) => offset));
      return true;
    } catch (error) {
      for (const [at, offset] of mine) if (!this.done.has(at)) this.done.set(at, offset);
      logger.warn({ err: error }, 'offsets are not committed yet; trying again');
      return false;
    }
  }
}
