import type { LedgerHealth } from '@orbit/contracts';
import type { Stall } from '../../books/application/shared-ports.js';

/** A stall as it is reported. */
export type StallView = LedgerHealth['stalls'][number];

/** The store in which instances share stalls; each sees its own partitions only. */
export interface StallStore {
  /** Says that these stand now. One that nobody says for a while is over. */
  save(stalls: readonly Stall[]): Promise<void>;
  /** Says that these are over. */
  end(whats: readonly string[]): Promise<void>;
}

/**
 * Reports the stalls that this instance sees, so that any instance that is asked for the health of the ledger
 * includes them. Costs nothing while everything moves.
 */
export class ReportStalls {
  private readonly sources: (() => readonly Stall[])[] = [];
  private reported: ReadonlySet<string> = new Set();

  constructor(private readonly store: StallStore) {}

  watch(source: () => readonly Stall[]): void {
    this.sources.push(source);
  }

  /** Returns how many began or ended. */
  async run(): Promise<number> {
    const stalls = this.sources.flatMap((source) => source());
    const now = new Set(stalls.map(({ what }) => what));
    const ended = [...this.reported].filter((what) => !now.has(what));
    const begun = [...now].filter((what) => !this.reported.has(what));
    if (stalls.length > 0) await this.store.save(stalls);
    if (ended.length > 0) await this.store.end(ended);
    this.reported = now;
    return begun.length + ended.length;
  }
}
