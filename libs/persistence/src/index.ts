export { createPrisma, type PrismaOptions } from './create-prisma.js';
export { Prisma, PrismaClient } from './generated/client.js';
export {
  answerOnce,
  IDEMPOTENCY_KEPT_MS,
  type IdempotencySchema,
  type IdempotentOutcome,
  type IdempotentRequest,
  type KeptAnswer,
} from './idempotency.js';
export { createdIn, rowsAfter } from './list-page.js';
export { lockByName } from './lock-by-name.js';
export { queryTransactions } from './query-transactions.js';
export { PrismaChanges, type Sql } from './orb-changes.js';
