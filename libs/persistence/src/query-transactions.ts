import type { PrismaClient } from './generated/client.js';

/** Longer than a slow broker takes: what is published is marked in the same transaction. */
const TRANSACTION_MS_MAX = 30_000;

type Query = (text: string, values: readonly unknown[]) => Promise<readonly unknown[]>;

/** Transactions for code that knows no driver, such as the outbox of libs/messaging. */
export const queryTransactions =
  (prisma: PrismaClient): (<T>(work: (query: Query) => Promise<T>) => Promise<T>) =>
  (work) =>
    prisma.$transaction(
      (sql) => work((text, values) => sql.$queryRawUnsafe<unknown[]>(text, ...values)),
      { timeout: TRANSACTION_MS_MAX },
    );
