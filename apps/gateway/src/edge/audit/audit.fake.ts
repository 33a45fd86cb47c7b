import { OrbitError } from '@orbit/contracts';
import type {
  AuditEntry,
  AuditFilter,
  AuditOutcome,
  AuditRecord,
  AuditStore,
} from './audit-entry.js';

/** The trail in memory. */
export class FakeAudit implements AuditStore {
  readonly entries: AuditEntry[] = [];
  readonly outcomes: AuditOutcome[] = [];
  isAway = false;

  async begin(entry: AuditEntry): Promise<void> {
    if (this.isAway) throw new OrbitError('unavailable', 'Postgres is unavailable');
    this.entries.push(entry);
  }

  async finish(outcome: AuditOutcome): Promise<void> {
    this.outcomes.push(outcome);
  }

  async has(entryId: string): Promise<boolean> {
    return this.entries.some(({ id }) => id === entryId);
  }

  async list(
    filter: AuditFilter,
    limit: number,
    afterId: string | null,
  ): Promise<readonly AuditRecord[]> {
    const all = [...this.entries].reverse();
    const after = afterId === null ? 0 : all.findIndex(({ id }) => id === afterId) + 1;
    const wanted = all
      .slice(after)
      .filter(({ keyId }) => filter.keyId === undefined || keyId === filter.keyId);
    return wanted.slice(0, limit).map((entry) => {
      const outcome = this.outcomes.find(({ entryId }) => entryId === entry.id) ?? null;
      return { ...entry, outcome };
    });
  }
}
