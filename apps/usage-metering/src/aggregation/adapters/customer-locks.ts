import { createHash } from 'node:crypto';
import type { SqlSession } from '../../events/domain/usage-store.js';
import { HOLD_ALONE, HOLD_SHARED, LOCK_BUCKET_COUNT } from './usage-sql.js';

export interface CustomerKey {
  readonly accountId: string;
  readonly customerId: string;
}

/** Writers of events hold their customers together; whoever counts them anew holds them alone. */
export const holdShared = (sql: SqlSession, customers: readonly CustomerKey[]): Promise<unknown> =>
  sql.query(HOLD_SHARED, [bucketsOf(customers)]);

export const holdAlone = (sql: SqlSession, customers: readonly CustomerKey[]): Promise<unknown> =>
  sql.query(HOLD_ALONE, [bucketsOf(customers)]);

/** In order, so that two that wait for each other's buckets do not meet. */
const bucketsOf = (customers: readonly CustomerKey[]): readonly number[] =>
  [...new Set(customers.map(bucketOf))].sort((a, b) => a - b);

function bucketOf({ accountId, customerId }: CustomerKey): number {
  const digest = createHash('sha256').update(`${accountId} ${customerId}`).digest();
  return digest.readUInt32BE(0) % LOCK_BUCKET_COUNT;
}

/** Nobody's events change until the transaction ends. */
export const holdEverybody = (sql: SqlSession): Promise<unknown> =>
  sql.query(HOLD_ALONE, [Array.from({ length: LOCK_BUCKET_COUNT }, (_, bucket) => bucket)]);
