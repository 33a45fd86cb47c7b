import type { Redis } from 'ioredis';
import type { Logger } from '@orbit/runtime';
import type { Replies } from '../application/ports.js';

/**
 * Publishes to waiting gateways over Redis pub/sub: one pipeline. Best effort: a caller that receives nothing asks
 * `charge.read`.
 */
export class RedisReplies implements Replies {
  constructor(
    private readonly redis: Redis,
    private readonly logger: Logger,
  ) {}

  async send(
    replies: readonly { readonly channel: string; readonly body: unknown }[],
  ): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (const { channel, body } of replies) pipeline.publish(channel, JSON.stringify(body));
    try {
      await pipeline.exec();
    } catch (error) {
      this.logger.warn(
        { err: error, replies: replies.length },
        'waiting callers were not notified; they will ask',
      );
    }
  }
}
