import type { PrismaClient } from '@orbit/persistence';

/** What an interactive transaction of Prisma offers. */
export type Tx = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'
>;
