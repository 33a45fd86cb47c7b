import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { readinessKeyOf } from '../redis/keys.js';
import { LOOK_INTERVAL_MS, READINESS_TTL_MS, uselessnessOf } from './useless-server.js';

/** The policy that evicts nothing; under any other a wallet or a hold may vanish at any moment. */
const KEEPS_ALL = 'noeviction';

interface FitnessLogger {
  error(detail: object, message: string): void;
  warn(detail: object, message: string): void;
  info(detail: object, message: string): void;
}

export interface RedisFitnessOptions {
  readonly redis: Redis;
  readonly logger: FitnessLogger;
}

/**
 * Whether Redis is of use: it takes a write, and it keeps what it is given. A server that answers PING may be a
 * replica, full, or unable to write to its disk, and then every authorization fails.
 */
export class RedisFitness {
  private readonly redis: Redis;
  private readonly logger: FitnessLogger;
  private readonly key = readinessKeyOf(randomUUID());
  private warned: string | null = null;
  private fault: string | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor({ redis, logger }: RedisFitnessOptions) {
    this.redis = redis;
    this.logger = logger;
  }

  start(): void {
    this.timer ??= setInterval(() => void this.reasons(), LOOK_INTERVAL_MS).unref();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  /** Why Redis is of no use; empty when it is. Never rejects; takes as long as one command may. */
  async reasons(): Promise<readonly string[]> {
    const [written] = await Promise.allSettled([
      this.redis.set(this.key, '', 'PX', READINESS_TTL_MS),
      this.lookAtEviction(),
    ]);
    const fault = written.status === 'rejected' ? faultOf(written.reason) : null;
    if (fault !== this.fault) {
      if (fault === null) this.logger.info({}, 'Redis takes writes again');
      else this.logger.warn({ reason: fault }, 'Redis is of no use for the moment');
    }
    this.fault = fault;
    return fault === null ? [] : [fault];
  }

  /** Settings that work today and will lose money: for a person to repair. */
  warnings(): readonly string[] {
    return this.warned === null ? [] : [this.warned];
  }

  private async lookAtEviction(): Promise<void> {
    const memory = await this.redis.info('memory');
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? KEEPS_ALL;
    const isBounded = !/^maxmemory:0\s*$/m.test(memory);
    const warning = policy === KEEPS_ALL ? null : evictionOf(policy, isBounded);
    if (warning !== this.warned) {
      if (warning === null) this.logger.info({}, 'Redis keeps what it is given again');
      else this.logger.error({ maxmemory_policy: policy }, warning);
    }
    this.warned = warning;
  }
}

function faultOf(error: unknown): string {
  const word = uselessnessOf(error) ?? (/\bNOPERM\b/.test(String(error)) ? 'NOPERM' : null);
  return word === null ? 'Redis is unavailable' : `Redis takes no writes: ${word}`;
}

const evictionOf = (policy: string, isBounded: boolean): string =>
  `Redis may evict holds and balances${isBounded ? '' : ', once it has a maxmemory'}: its ` +
  `maxmemory-policy is ${policy}. Set it to ${KEEPS_ALL}, or money is promised twice.`;
