import { gauge } from './registry.js';
import { readAtScrape } from './render.js';

export interface OutboxState {
  readonly depth: bigint | string | number;
  /** Null when it is empty. */
  readonly ageSeconds: number | null;
}

/** Reports what waits for Kafka, whenever `/metrics` is asked. Returns how to end it. */
export function reportOutbox(read: () => Promise<OutboxState | undefined>): () => void {
  const depth = gauge('orbit_outbox_depth');
  const age = gauge('orbit_outbox_age_seconds');
  return readAtScrape('outbox', async () => {
    depth.remove();
    age.remove();
    const state = await read();
    depth.set(Number(state?.depth ?? 0));
    age.set(Math.max(0, state?.ageSeconds ?? 0));
  });
}
