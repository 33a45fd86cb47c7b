import { reportOutbox } from '@orbit/metrics';
import type { Feature } from '@orbit/runtime';
import type { Pool } from 'pg';
import type { LedgerEvents } from '../books/application/ports.js';
import { PostgresOutbox } from './adapters/postgres-outbox.js';

const INTERVAL_MS = 5_000;

/** Publishes events of operators and timers that a crash kept back. */
export function outboxFeature(pool: Pool, events: LedgerEvents): Feature {
  const outbox = new PostgresOutbox(pool, events);
  let endReading = (): void => undefined;
  return {
    jobs: [
      {
        name: 'publish what a crash kept back',
        intervalMs: INTERVAL_MS,
        run: () => outbox.relay(),
      },
    ],
    start: () => {
      endReading = reportOutbox(() => outbox.kept.state());
    },
    stop: () => endReading(),
  };
}
