import { ownSessions, type Logger } from '@orbit/runtime';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

export interface PrismaOptions {
  /** Connections at most; more than cores gains nothing. */
  readonly poolSizeMax?: number;
  readonly logger?: Logger;
}

const POOL_SIZE_MAX_DEFAULT = 5;
const CONNECT_TIMEOUT_MS = 5_000;
/** Of a server behind a network that swallows everything; a server that is only slow speaks first (`SESSION_LIMITS`). */
const ANSWER_TIMEOUT_MS = 35_000;

/** A client that connects as the role of its URL, and so reaches only that service's schema. */
export function createPrisma(databaseUrl: string, options: PrismaOptions = {}): PrismaClient {
  const adapter = new PrismaPg({
    ...ownSessions((settings) =>
      options.logger?.warn({ settings }, 'settings of the database were replaced in our session'),
    ),
    connectionString: databaseUrl,
    max: options.poolSizeMax ?? POOL_SIZE_MAX_DEFAULT,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  return new PrismaClient({ adapter });
}
