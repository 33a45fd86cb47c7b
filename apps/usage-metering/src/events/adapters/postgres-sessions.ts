import { ownSessions, type Logger } from '@orbit/runtime';
import pg from 'pg';
import type { SqlSession, Transactions } from '../domain/usage-store.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** Of a server behind a network that swallows everything; a server that is only slow speaks first. */
const ANSWER_TIMEOUT_MS = 35_000;

export interface UsagePoolOptions {
  readonly databaseUrl: string;
  readonly sizeMax: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Plain connections for usage events: Prisma is too slow for many rows. */
export function makeUsagePool({ databaseUrl, sizeMax, logger }: UsagePoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...ownSessions((settings) =>
      logger.warn({ settings }, 'settings of the database were replaced in our session'),
    ),
    connectionString: databaseUrl,
    max: sizeMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'orbit-usage-metering',
  });
  // A connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection broke'));
  pool.on('connect', (client) =>
    client.on('error', (error) => logger.warn({ err: error }, 'a database connection broke')),
  );
  return pool;
}

const sessionOn = (connection: Pick<pg.Pool, 'query'> | pg.PoolClient): SqlSession => ({
  query: async <Row>(text: string, values: readonly unknown[] = []) =>
    (await connection.query(text, [...values])).rows as readonly Row[],
});

/** Statements without a transaction, each on any connection of the pool. */
export const poolSession = (pool: pg.Pool): SqlSession => sessionOn(pool);

export class PostgresTransactions implements Transactions {
  constructor(private readonly pool: pg.Pool) {}

  async run<T>(work: (sql: SqlSession) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(sessionOn(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // The connection is not used again, and its end rolls back.
      failure = error as Error;
      throw error;
    } finally {
      client.release(failure);
    }
  }
}
