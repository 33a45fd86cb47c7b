import { OrbitError } from '@orbit/contracts';
import type { Redis } from 'ioredis';
import { bounded } from '../rpc/availability.js';
import type { SharedWrongKeys } from './wrong-keys.js';

/** The count of wrong keys in Redis, of all gateways. It expires when an address has sent none for long enough. */
export class RedisWrongKeys implements SharedWrongKeys {
  constructor(private readonly redis: Redis) {}

  async count(block: string, forMs: number): Promise<number | null> {
    const key = `gateway:wrong-keys:${block}`;
    try {
      const answers = await bounded(
        'Redis',
        this.redis.multi().incr(key).pexpire(key, forMs).exec(),
      );
      const [fault, total] = answers?.[0] ?? [];
      return fault || typeof total !== 'number' ? null : total;
    } catch (error) {
      // Each gateway goes on with its own count; that Redis is unavailable is said by /health/ready.
      if (error instanceof OrbitError && error.code === 'unavailable') return null;
      throw error;
    }
  }
}
