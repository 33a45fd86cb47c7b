import { inTransaction, makePostgresPool, type PostgresPoolOptions } from '@orbit/runtime';
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

  run<T>(work: (sql: SqlSession) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, (client) => work(sessionOn(client)));
  }
}
