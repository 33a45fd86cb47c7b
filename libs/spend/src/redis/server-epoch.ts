import { invariant } from '@orbit/kernel';
import type { Redis } from 'ioredis';

const epochs = new WeakMap<Redis, ServerEpoch>();

/**
 * Which life of which Redis server a connection talks to: its run id, new at every start and another on
 * every replica. What a wallet's hash was given in another life may be old, so it counts as not loaded.
 * The connection must not send a command again after it was broken (`createSpendRedis`).
 */
export class ServerEpoch {
  private known: string | null = null;
  private cluster = false;
  private asking: Promise<string> | null = null;

  static of(redis: Redis): ServerEpoch {
    let epoch = epochs.get(redis);
    if (!epoch) {
      epoch = new ServerEpoch(redis);
      epochs.set(redis, epoch);
    }
    return epoch;
  }

  private constructor(private readonly redis: Redis) {
    redis.on('close', () => {
      this.known = null;
      this.asking = null;
    });
    redis.on('ready', () => void this.ask().catch(() => undefined));
    if (redis.status === 'ready') void this.ask().catch(() => undefined);
  }

  /** Null while it is not known; `read` then asks. */
  get current(): string | null {
    return this.known;
  }

  /** Whether one script may touch the keys of one hash slot only. */
  get isCluster(): boolean {
    return this.cluster;
  }

  /** Rejects while Redis is unavailable. */
  read(): Promise<string> {
    return this.known === null ? this.ask() : Promise.resolve(this.known);
  }

  private ask(): Promise<string> {
    if (this.asking) return this.asking;
    const asking = this.redis.info('server').then((info) => {
      const runId = /^run_id:(\w+)/m.exec(info)?.[1];
      invariant(runId, 'a Redis server says its run id');
      this.cluster = /^redis_mode:cluster/m.test(info);
      // The connection may have been lost meanwhile; the answer was another server's then.
      if (this.asking === asking) this.known = runId;
      return runId;
    });
    this.asking = asking;
    // A failure is asked again by whoever needs it next.
    asking.catch(() => {
      if (this.asking === asking) this.asking = null;
    });
    return asking;
  }
}
