import { makePostgresPool, type PostgresPoolOptions } from '@orbit/runtime';
import type pg from 'pg';
import type { SqlSession, Transactions } from '../domain/usage-store.js';

/** Plain connections for usage events: Prisma is too slow for many rows. */
export const makeUsagePool = (options: Omit<PostgresPoolOptions, 'name'>): pg.Pool =>
  makePostgresPool({ ...options, name: 'orbit-usage-metering' });

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
