import { ownSessions, type Logger } from '@orbit/runtime';
import pg from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;
/**
 * A server behind a network that swallows everything ends no statement: then the client does. Above
 * the server's own limit (`SESSION_LIMITS`), so that one that is only slow speaks first.
 */
const ANSWER_TIMEOUT_MS = 35_000;

export interface PostgresPoolOptions {
  readonly databaseUrl: string;
  readonly sizeMax: number;
  readonly logger: Logger;
  /** How long an answer is waited for before the connection is given up. */
  readonly answerTimeoutMs?: number;
}

/** Connections that end by themselves when nobody answers, and are then replaced. */
export function makePostgresPool(options: PostgresPoolOptions): pg.Pool {
  const { databaseUrl, sizeMax, logger, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  const pool = new pg.Pool({
    ...ownSessions((settings) =>
      logger.warn({ settings }, 'settings of the database were replaced in our session'),
    ),
    connectionString: databaseUrl,
    max: sizeMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    application_name: 'orbit-wallet-ledger',
  });
  // A connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection broke'));
  // One that is in use may break between two statements, while its transaction waits for Redis.
  pool.on('connect', (client) =>
    client.on('error', (error) => logger.warn({ err: error }, 'a database connection broke')),
  );
  return pool;
}
