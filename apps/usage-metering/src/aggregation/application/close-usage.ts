import type {
  ClosedUsage,
  CloseUsage,
  ClosingRow,
  GroupUsage,
  UsageDefinition,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { ParseSql } from '../../metrics/domain/sql-tree.js';
import { readWindows, sizeFaults } from '../domain/question.js';
import { TooManyEvents } from './count-rolled.js';
import { CLOSED_EVENTS_MAX, countWindows, shownWindow } from './count-windows.js';
import type {
  Closings,
  ClosingTransaction,
  CountedMetrics,
  IngestProgress,
  KeptLeaves,
  StaleClosing,
  StoredClosing,
} from './ports.js';
import { keepLeaves } from './keep-leaves.js';
import { resolveDefinitions } from './resolve-definitions.js';

type Closed = { readonly rows: readonly StoredClosing[] } | { readonly faults: readonly string[] };
const STALE_MAX = 50;

export interface ClosingParts {
  readonly metrics: CountedMetrics;
  readonly closings: Closings;
  readonly progress: IngestProgress;
  readonly parse: ParseSql;
  readonly clock: Clock;
  readonly kept: KeptLeaves;
}

/**
 * Closes windows: what they held is written down once and for all. What comes later makes another revision.
 * Errors: the database's own, Kafka's.
 */
export class CloseWindows {
  constructor(private readonly parts: ClosingParts) {}

  async run(request: CloseUsage): Promise<ClosedUsage> {
    const { account_id: accountId, interval_id: intervalId } = request;
    const sizes = sizeFaults({ definitions: [], customer_ids: request.customer_ids });
    const read = readWindows(request.windows);
    if (sizes.length > 0) return { state: 'refused', faults: sizes };
    if ('faults' in read) return { state: 'refused', faults: read.faults };
    const asked = request.windows.map((_, index) =>
      shownWindow(read.windows[index] ?? { fromMs: 0, toMs: 0 }),
    );
    const firstRows = (rows: readonly StoredClosing[]): ClosedUsage | null => {
      const found = asked.map(({ from, to }) =>
        rows.find((row) => row.revision === 0 && row.from === from && row.to === to),
      );
      const rowsOfAll = found.flatMap((row) => (row ? [shownRow(row)] : []));
      return rowsOfAll.length === asked.length ? { state: 'closed', rows: rowsOfAll } : null;
    };
    const known = firstRows(await this.parts.closings.read(accountId, intervalId));
    if (known) return known;

    const watermarkMs = this.parts.clock.nowMs();
    if (!(await this.parts.progress.isCaughtUp())) return { state: 'behind' };
    const { customer_ids: customerIds, definition } = request;
    const basis = { accountId, customerIds, definition };
    const [resolved] = await resolveDefinitions(
      accountId,
      [definition],
      this.parts.metrics,
      this.parts.parse,
    );
    if (resolved && 'counting' in resolved) {
      await keepLeaves(this.parts.kept, accountId, [resolved.counting]);
    }
    const closed = await this.parts.closings.inTransaction(async (tx): Promise<Closed> => {
      await tx.holdCustomers(accountId, customerIds);
      const before = await tx.read(accountId, intervalId);
      const missing = asked.filter(
        ({ from, to }) => !before.some((row) => row.from === from && row.to === to),
      );
      const counted = await this.count(tx, basis, definition, missing);
      if ('faults' in counted) return counted;
      const rows = counted.windows.map((window) => ({
        ...window,
        ...{ intervalId, revision: 0, watermarkMs },
      }));
      await tx.insert(basis, rows);
      return { rows: [...before, ...rows] };
    });
    if ('faults' in closed) return { state: 'refused', faults: closed.faults };
    return firstRows(closed.rows) ?? { state: 'behind' };
  }

  async read(accountId: string, intervalId: string): Promise<readonly ClosingRow[]> {
    return (await this.parts.closings.read(accountId, intervalId)).map(shownRow);
  }

  /** Counts closed windows again whose events have changed. Returns how many got another revision. */
  async revise(): Promise<number> {
    const stale = await this.parts.closings.stale(STALE_MAX);
    let count = 0;
    for (const each of stale) count += await this.reviseOne(each);
    return count;
  }

  private reviseOne(stale: StaleClosing): Promise<number> {
    const { accountId, intervalId, customerIds, window } = stale;
    return this.parts.closings.inTransaction(async (tx) => {
      await tx.holdCustomers(accountId, customerIds);
      const watermarkMs = this.parts.clock.nowMs();
      const rows = (await tx.read(accountId, intervalId)).filter(
        ({ from, to }) => from === window.from && to === window.to,
      );
      const last = rows.at(-1);
      const definition = stale.definition as UsageDefinition;
      const counted = await this.count(tx, stale, definition, [window]);
      const [now] = 'windows' in counted ? counted.windows : [];
      if (!last || !now) return 0;
      await tx.markFresh(accountId, intervalId, window);
      if (signatureOf(now.groups) === signatureOf(last.groups)) return 0;
      const revision = last.revision + 1;
      await tx.insert(stale, [{ ...now, intervalId, revision, watermarkMs }]);
      return 1;
    });
  }

  private async count(
    tx: ClosingTransaction,
    { accountId, customerIds }: { accountId: string; customerIds: readonly string[] },
    definition: UsageDefinition,
    windows: CloseUsage['windows'],
  ): Promise<{ windows: ClosingWindows } | { faults: readonly string[] }> {
    const [resolved] = await resolveDefinitions(
      accountId,
      [definition],
      this.parts.metrics,
      this.parts.parse,
    );
    if (!resolved || 'faults' in resolved) {
      const faults = resolved?.faults ?? [];
      return { faults: faults.map((fault) => `definition.${fault}`) };
    }
    const read = readWindows(windows);
    if ('faults' in read) return read;
    try {
      const question = { accountId, customerIds, countings: [resolved.counting], ...read };
      const [result] = await countWindows(tx, question, CLOSED_EVENTS_MAX);
      return { windows: result?.windows ?? [] };
    } catch (error) {
      if (error instanceof TooManyEvents) return { faults: [error.message] };
      throw error;
    }
  }
}

type ClosingWindows = Awaited<ReturnType<typeof countWindows>>[number]['windows'];

/** The same for the same groups, however they were stored. */
const signatureOf = (groups: readonly GroupUsage[]): string =>
  JSON.stringify(
    groups.map(({ values, quantity, event_count, fingerprint }) => [
      ...[values, quantity, event_count, fingerprint],
    ]),
  );

const shownRow = ({ intervalId, watermarkMs, ...row }: StoredClosing): ClosingRow => ({
  ...row,
  interval_id: intervalId,
  watermark: new Date(watermarkMs).toISOString(),
});
