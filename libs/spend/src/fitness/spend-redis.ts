import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { readinessKeyOf } from '../redis/keys.js';
import {
  LOOK_INTERVAL_MS,
  READINESS_TTL_MS,
  reconnectFromUselessServer,
} from './useless-server.js';

export interface SpendRedisOptions {
  readonly url: string;
  /** The certificate authority of a `rediss://` server, in PEM, where it is the operator's own. */
  readonly caFile?: string | undefined;
  readonly commandTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** A connection that only listens; it takes no other commands. */
  readonly isSubscriber?: boolean;
}

/**
 * A connection that fails at once while Redis is unavailable instead of queueing spend that nobody waits
 * for any more, and that comes back by itself. A Redis that hangs is unavailable as well, from its first answer
 * that did not come in time until it answers again; so is one that answers and serves nobody.
 */
export function createSpendRedis({
  url,
  caFile,
  commandTimeoutMs = 1_000,
  connectTimeoutMs = 1_000,
  isSubscriber = false,
}: SpendRedisOptions): Redis {
  const redis = new Redis(url, {
    ...redisTls(caFile),
    commandTimeout: commandTimeoutMs,
    // Else each call would find out by itself, and wait as long.
    socketTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    reconnectOnError: reconnectFromUselessServer(),
    // 50 ms to 1 s, with jitter so that a fleet does not come back in one moment.
    retryStrategy: (attempt) =>
      Math.min(1_000, 50 * 2 ** Math.min(attempt, 5)) * (0.5 + Math.random() / 2),
  });
  // Every command already reports the failure to its caller; without a listener Node would end the process.
  redis.on('error', () => undefined);
  if (!isSubscriber) writeNowAndThen(redis);
  return redis;
}

/** Options of a connection whose server's certificate an authority of the operator's own has signed. */
export const redisTls = (caFile: string | undefined): { readonly tls?: { readonly ca: string } } =>
  caFile === undefined ? {} : { tls: { ca: readFileSync(caFile, 'utf8') } };

/**
 * A wallet that a replica does not have is only read, and reading would go on there for ever: a write finds out what
 * the server has become, and `reconnectOnError` leaves it.
 */
function writeNowAndThen(redis: Redis): void {
  const key = readinessKeyOf(randomUUID());
  const timer = setInterval(() => {
    if (redis.status !== 'ready') return;
    redis.set(key, '', 'PX', READINESS_TTL_MS).catch(() => undefined);
  }, LOOK_INTERVAL_MS).unref();
  redis.once('end', () => clearInterval(timer));
}
