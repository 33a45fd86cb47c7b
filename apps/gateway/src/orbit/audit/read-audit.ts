import { unknownCursor } from '@orbit/contracts';
import type { AuditFilter, AuditRecord, AuditStore } from '../../edge/audit/audit-entry.js';

/** Lists changes and who made them, newest first. */
export class ReadAudit {
  constructor(private readonly store: Pick<AuditStore, 'has' | 'list'>) {}

  /** Errors: invalid_field for a cursor of another list, unavailable. */
  async run(
    filter: AuditFilter,
    limit: number,
    afterId: string | null,
  ): Promise<readonly AuditRecord[]> {
    if (afterId !== null && !(await this.store.has(afterId))) throw unknownCursor();
    return this.store.list(filter, limit, afterId);
  }
}
