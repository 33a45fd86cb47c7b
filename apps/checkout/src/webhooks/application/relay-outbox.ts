import type { Clock } from '@orbit/kernel';
import type { Outbox, OutboxEvent } from '../../topups/application/ports.js';

const BATCH_SIZE = 200;

/** Publishes what was committed: at least once, in order per relay. Readers deduplicate by `topup_id`. */
export class RelayOutbox {
  constructor(
    private readonly outbox: Outbox,
    private readonly publish: (events: readonly OutboxEvent[]) => Promise<void>,
    private readonly clock: Clock,
  ) {}

  /** Publishes until nothing is left; returns how many. */
  async run(): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await this.outbox.drain(BATCH_SIZE, this.publish, this.clock.nowMs());
      total += count;
      if (count < BATCH_SIZE) return total;
    }
  }
}
