import { gauge, readAtScrape } from '@orbit/metrics';
import type { PrismaClient } from '@orbit/persistence';

/** Reports what waits for Kafka, whenever `/metrics` is asked. Returns how to end it. */
export function reportOutbox(prisma: PrismaClient): () => void {
  const depth = gauge('orbit_outbox_depth');
  const age = gauge('orbit_outbox_age_seconds');
  return readAtScrape('outbox', async () => {
    depth.remove();
    age.remove();
    const [row] = await prisma.$queryRaw<{ depth: bigint; age: number | null }[]>`
      SELECT count(*) AS depth, extract(epoch FROM now() - min(occurred_at))::float8 AS age
      FROM checkout.outbox WHERE published_at IS NULL`;
    depth.set(Number(row?.depth ?? 0));
    age.set(Math.max(0, row?.age ?? 0));
  });
}
