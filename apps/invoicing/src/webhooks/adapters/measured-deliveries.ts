import { counter, gauge, histogram, readAtScrape } from '@orbit/metrics';
import type { PrismaClient } from '@orbit/persistence';
import type { Deliveries } from '../application/ports.js';

const outcomes = counter('orbit_webhook_deliveries_total');
const seconds = histogram('orbit_webhook_delivery_seconds');

/** The same deliveries, counted and timed. */
export function measuredDeliveries(inner: Deliveries): Deliveries {
  return {
    claim: (limits, nowMs, untilMs) => inner.claim(limits, nowMs, untilMs),
    nextDueMs: (...args) => inner.nextDueMs(...args),
    async record(due, attempt, isDelivered, nextMs) {
      await inner.record(due, attempt, isDelivered, nextMs);
      outcomes.inc({ outcome: isDelivered ? 'delivered' : nextMs === null ? 'failed' : 'retried' });
      seconds.observe(attempt.latencyMs / 1_000);
    },
  };
}

/** Reports what is due, whenever `/metrics` is asked. Returns how to end it. */
export function reportDue(prisma: PrismaClient): () => void {
  const due = gauge('orbit_webhook_deliveries_due');
  const age = gauge('orbit_webhook_deliveries_age_seconds');
  return readAtScrape('webhook_deliveries', async () => {
    due.remove();
    age.remove();
    const [row] = await prisma.$queryRaw<{ due: bigint; age: number | null }[]>`
      SELECT count(*) AS due, extract(epoch FROM now() - min(d.next_attempt_at))::float8 AS age
      FROM invoicing.webhook_delivery d
      JOIN invoicing.webhook_endpoint e ON e.id = d.endpoint_id AND e.is_enabled AND e.deleted_at IS NULL
      WHERE d.state = 'pending' AND d.next_attempt_at <= now()`;
    due.set(Number(row?.due ?? 0));
    age.set(Math.max(0, row?.age ?? 0));
  });
}
