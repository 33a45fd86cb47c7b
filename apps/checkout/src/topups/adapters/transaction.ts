import type { PrismaClient } from '@orbit/persistence';

/** A Prisma client inside an interactive transaction. */
export type Tx = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'
>;
