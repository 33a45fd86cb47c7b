export { createPrisma, type PrismaOptions } from './create-prisma.js';
export { Prisma, PrismaClient } from './generated/client.js';
export {
  answerOnce,
  IDEMPOTENCY_KEPT_MS,
  type IdempotentOutcome,
  type IdempotentRequest,
  type KeptAnswer,
} from './idempotency.js';
