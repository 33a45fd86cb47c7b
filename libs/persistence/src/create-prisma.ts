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
const STATEMENT_TIMEOUT_MS = 30_000;
/** Of a server behind a network that swallows everything; a server that is only slow speaks first. */
const ANSWER_TIMEOUT_MS = 35_000;
/** A process that freezes in the middle of a transaction gives its rows up. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** A client that connects as the role of its URL, and so reaches only that service's schema. */
export function createPrisma(databaseUrl: string, options: PrismaOptions = {}): PrismaClient {
  const adapter = new PrismaPg({
    ...ownSessions((settings) =>
      options.logger?.warn({ settings }, 'settings of the database were replaced in our session'),
    ),
    connectionString: databaseUrl,
    max: options.poolSizeMax ?? POOL_SIZE_MAX_DEFAULT,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  return new PrismaClient({ adapter });
}
