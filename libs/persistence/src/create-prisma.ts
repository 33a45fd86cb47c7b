import { ownPool, type Logger } from '@orbit/runtime';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

export interface PrismaOptions {
  readonly poolSizeMax?: number;
  readonly logger?: Logger;
}

const POOL_SIZE_MAX_DEFAULT = 5;

/** A client that connects as the role of its URL, and so reaches only that service's schema. */
export function createPrisma(databaseUrl: string, options: PrismaOptions = {}): PrismaClient {
  const { poolSizeMax: sizeMax = POOL_SIZE_MAX_DEFAULT, logger } = options;
  const adapter = new PrismaPg(ownPool({ databaseUrl, sizeMax, logger }));
  return new PrismaClient({ adapter });
}
