import type { OutboxState } from '@orbit/metrics';
import type { PrismaClient } from '@orbit/persistence';

/** The number and the age of events that wait for Kafka. Errors: the database's own. */
export async function readOutbox(prisma: PrismaClient): Promise<OutboxState | undefined> {
  const [row] = await prisma.$queryRaw<OutboxState[]>`
    SELECT count(*) AS depth, extract(epoch FROM now() - min(occurred_at))::float8 AS "ageSeconds"
    FROM checkout.outbox WHERE published_at IS NULL`;
  return row;
}
