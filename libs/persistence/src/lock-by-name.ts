import type { PrismaClient } from './generated/client.js';

/** Whoever locks the same name waits until the transaction of this one ends. For what has no row to lock yet. */
export async function lockByName(
  sql: Pick<PrismaClient, '$executeRaw'>,
  name: string,
): Promise<void> {
  await sql.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}
