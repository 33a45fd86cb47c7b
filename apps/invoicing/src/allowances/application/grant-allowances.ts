import type { Clock } from '@orbit/kernel';
import type { AllowanceLedger, GrantStore } from './ports.js';

const GRANT_BATCH = 100;

/** Grants what paid periods include. The ledger grants once per reference, so a crash in between costs nothing. */
export class GrantAllowances {
  constructor(
    private readonly store: GrantStore,
    private readonly ledger: AllowanceLedger,
    private readonly clock: Clock,
  ) {}

  /** Returns how many it granted or closed. */
  async run(): Promise<number> {
    const due = await this.store.readDueGrants(GRANT_BATCH);
    for (const grant of due) {
      const isOver = grant.periodEndMs <= this.clock.nowMs();
      // Nobody could spend it any more.
      if (!isOver) await this.ledger.grant(grant);
      await this.store.closeGrant(grant, this.clock.nowMs());
    }
    return due.length;
  }
}
