import { invariant } from '@orbit/kernel';
import type pg from 'pg';
import { isConnectionFailure } from '../connection-failure.js';

const BEGIN = {
  'read committed': 'BEGIN',
  /** Everything that is read is of one instant; nothing may be written. */
  snapshot: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
} as const;

/**
 * One transaction on a connection of `pool`: committed when `work` returns, rolled back when it throws, and the first
 * error is the one that is thrown. A connection that is lost, or that answers too late (the limits of ownPool), is not
 * asked for a ROLLBACK: it is closed, which ends its transaction, and the pool opens another. So is one whose
 * ROLLBACK fails. Waiting for a statement is bounded by the session, not here.
 */
export async function inTransaction<T>(
  pool: Pick<pg.Pool, 'connect'>,
  work: (client: pg.PoolClient) => Promise<T>,
  isolation: keyof typeof BEGIN = 'read committed',
): Promise<T> {
  const client = await pool.connect();
  let unusable: Error | undefined;
  try {
    await client.query(BEGIN[isolation]);
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    // PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement had failed and `work` went on.
    invariant(command === 'COMMIT', 'a transaction in which a statement failed is not committed');
    return result;
  } catch (error) {
    unusable = isConnectionFailure(error) ? asError(error) : await failureOf(client, 'ROLLBACK');
    throw error;
  } finally {
    client.release(unusable);
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));

const failureOf = (client: pg.PoolClient, sql: string): Promise<Error | undefined> =>
  client.query(sql).then(
    () => undefined,
    (error: unknown) => asError(error),
  );
