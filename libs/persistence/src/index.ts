export { createPrisma, type PrismaOptions } from './create-prisma.js';
export { Prisma, PrismaClient } from './generated/client.js';
