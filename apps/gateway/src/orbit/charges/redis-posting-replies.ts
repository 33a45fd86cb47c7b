import type { ChargeOutcomeView } from '@orbit/contracts';
import type { Redis } from 'ioredis';
import type { PostingReplies, PostingReply } from '../../edge/ports.js';

/**
 * One pattern subscription per process and one channel per waiting request: the channel alone says
 * whose answer it is, since charge ids of two organizations may be equal.
 */
export class RedisPostingReplies implements PostingReplies {
  private readonly waiting = new Map<string, (outcome: ChargeOutcomeView) => void>();
  private nextNumber = 0;

  /** `redis` is a connection of its own: a subscribed one takes no other commands. */
  constructor(
    private readonly redis: Redis,
    private readonly processId: string,
  ) {
    redis.on('pmessage', (_pattern: string, channel: string, message: string) => {
      this.waiting.get(channel)?.(JSON.parse(message) as ChargeOutcomeView);
    });
  }

  /** ioredis subscribes again by itself after a lost connection. */
  async subscribe(): Promise<void> {
    await this.redis.psubscribe(`orbit:replies:${this.processId}:*`);
  }

  open(): PostingReply {
    const replyTo = `orbit:replies:${this.processId}:${this.nextNumber++}`;
    let answer: (outcome: ChargeOutcomeView) => void = () => undefined;
    const outcome = new Promise<ChargeOutcomeView>((resolve) => (answer = resolve));
    this.waiting.set(replyTo, answer);
    return {
      replyTo,
      wait: (timeoutMs) => firstWithin(outcome, timeoutMs),
      close: () => this.waiting.delete(replyTo),
    };
  }
}

async function firstWithin<T>(value: Promise<T>, timeoutMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
