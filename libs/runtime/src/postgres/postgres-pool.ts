import pg from 'pg';
import type { Logger } from '../logger.js';
import { ownSessions } from './postgres-session.js';

const CONNECT_TIMEOUT_MS = 5_000;
/**
 * A server behind a network that swallows everything ends no statement: then the client does. Above the server's own
 * limit (`SESSION_LIMITS`), so that one that is only slow speaks first.
 */
const ANSWER_TIMEOUT_MS = 35_000;

export interface OwnPoolOptions {
  readonly databaseUrl: string;
  /** Connections at most; more than cores gains nothing. */
  readonly sizeMax: number;
  /** How long an answer is waited for before the connection is given up. */
  readonly answerTimeoutMs?: number;
  /** Without it, settings that had to be replaced are replaced silently. */
  readonly logger?: Pick<Logger, 'warn'> | undefined;
}

/** The configuration of every pool of a service: whose sessions they are, and how long anything is waited for. */
export function ownPool(options: OwnPoolOptions): pg.PoolConfig {
  const { databaseUrl, sizeMax, answerTimeoutMs = ANSWER_TIMEOUT_MS, logger } = options;
  return {
    ...ownSessions((settings) =>
      logger?.warn({ settings }, 'settings of the database were replaced in our session'),
    ),
    connectionString: databaseUrl,
    max: sizeMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
  };
}

export interface PostgresPoolOptions extends OwnPoolOptions {
  /** As PostgreSQL shows its sessions. */
  readonly name: string;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Connections that end by themselves when nobody answers, and are then replaced. */
export function makePostgresPool(options: PostgresPoolOptions): pg.Pool {
  const { name, logger } = options;
  const pool = new pg.Pool({ ...ownPool(options), application_name: name });
  // A connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection broke'));
  // One that is in use may break between two statements, while its transaction waits for something else.
  pool.on('connect', (client) =>
    client.on('error', (error) => logger.warn({ err: error }, 'a database connection broke')),
  );
  return pool;
}
