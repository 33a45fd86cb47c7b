import { invariant, type Clock } from '@orbit/kernel';
import type { InFlight } from '../../events/application/ports.js';
import type { ParseSql } from '../../metrics/domain/sql-tree.js';
import { readDeprecationFilter } from '../domain/read-deprecation-filter.js';
import type { BackfillRuns } from './ports.js';

/** Reflects backfills that are closed, and takes back those that were reverted. */
export class RunBackfills {
  constructor(
    private readonly runs: BackfillRuns,
    private readonly inFlight: InFlight,
    private readonly parse: ParseSql,
    private readonly clock: Clock,
  ) {}

  /** Returns how many it ended. Errors: the database's own; the next run goes on. */
  async run(): Promise<number> {
    const due = await this.runs.due(this.clock.nowMs());
    if (due.length === 0) return 0;
    // What was accepted for them before they closed is stored first, so that they appear whole.
    await this.inFlight.arrived();
    for (const { id, status, deprecationFilter } of due) {
      if (status === 'pending_revert') {
        await this.runs.revert(id);
        continue;
      }
      const filter =
        deprecationFilter === null
          ? null
          : await readDeprecationFilter(deprecationFilter, this.parse);
      invariant(filter === null || !('fault' in filter), 'a filter was read when it was made');
      await this.runs.reflect(id, filter);
    }
    return due.length;
  }
}
