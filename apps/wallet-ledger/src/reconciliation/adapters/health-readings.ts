import type { Clock } from '@orbit/kernel';
import { gauge, readAtScrape } from '@orbit/metrics';
import type { HealthReader } from '../application/reconcile-ports.js';

/** Reports how the books are, whenever `/metrics` is asked: what `/health/ledger` says, as numbers. Returns how to end it. */
export function reportHealth(reader: HealthReader, clock: Clock): () => void {
  const age = gauge('orbit_reconciliation_age_seconds');
  const breaches = gauge('orbit_reconciliation_breaches');
  return readAtScrape('reconciliation', async () => {
    age.reset();
    breaches.remove();
    const { checks, breachedCount } = await reader.readHealth();
    const nowMs = clock.nowMs();
    for (const { name, lastTrueAtMs } of checks) {
      // One that never held has been wrong since ever, and alarms.
      age.set({ check: name }, Math.max(0, nowMs - (lastTrueAtMs ?? 0)) / 1_000);
    }
    breaches.set(breachedCount);
  });
}
