import type {
  CloseAll,
  ClosedUsage,
  CloseUsage,
  ClosingRow,
  GroupUsage,
  UsageDefinition,
  UsageWindow,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Counting } from '../../metrics/domain/counting.js';
import type { ParseSql } from '../../metrics/domain/sql-tree.js';
import type { Window } from '../../metrics/domain/tally.js';
import { readWindows, sizeFaults } from '../domain/question.js';
import { TooManyEvents } from './count-rolled.js';
import { CLOSED_EVENTS_MAX, countWindows, shownWindow } from './count-windows.js';
import type {
  Closings,
  ClosingToStore,
  ClosingTransaction,
  CountedMetrics,
  IngestProgress,
  KeptLeaves,
  StaleClosing,
  StoredClosing,
} from './ports.js';
import { keepLeaves } from './keep-leaves.js';
import { resolveDefinitions } from './resolve-definitions.js';

const STALE_MAX = 50;
/** Of one transaction: nobody's events are taken meanwhile. */
const CUSTOMERS_MAX = 20;

export interface ClosingParts {
  readonly metrics: CountedMetrics;
  readonly closings: Closings;
  readonly progress: IngestProgress;
  readonly parse: ParseSql;
  readonly clock: Clock;
  readonly kept: KeptLeaves;
}

/** A closing that is asked for, with its windows as rows name them. */
interface Asked {
  readonly index: number;
  readonly intervalId: string;
  readonly customerIds: readonly string[];
  readonly definition: UsageDefinition;
  readonly windows: readonly UsageWindow[];
}

/**
 * Closes windows: what they held is written down once and for all. What comes later makes another revision.
 * Errors: the database's own, Kafka's.
 */
export class CloseWindows {
  constructor(private readonly parts: ClosingParts) {}

  async run({ account_id, ...closing }: CloseUsage): Promise<ClosedUsage> {
    const [answer] = await this.runAll({ account_id, closings: [closing] });
    return answer ?? { state: 'behind' };
  }

  /** Many price intervals: customers are counted together, so many to a transaction. */
  async runAll({ account_id: accountId, closings }: CloseAll): Promise<readonly ClosedUsage[]> {
    const answers: ClosedUsage[] = closings.map(() => ({ state: 'behind' }));
    const asked = closings.flatMap((closing, index): Asked[] => {
      const read = readClosing(closing);
      if ('faults' in read) answers[index] = { state: 'refused', faults: read.faults };
      return 'faults' in read ? [] : [{ ...read, index }];
    });
    const known = await this.parts.closings.read(accountId, intervalsOf(asked));
    const missing = answerKnown(asked, known, answers);
    if (missing.length === 0) return answers;
    const watermarkMs = this.parts.clock.nowMs();
    if (!(await this.parts.progress.isCaughtUp())) return answers;
    const { metrics, parse, kept } = this.parts;
    const definitions = missing.map(({ definition }) => definition);
    const resolved = await resolveDefinitions(accountId, definitions, metrics, parse);
    const countings = resolved.flatMap((each) => ('counting' in each ? [each.counting] : []));
    await keepLeaves(kept, accountId, countings);
    const counted = missing.flatMap((each, at): Counted[] => {
      const of = resolved[at];
      if (of && 'counting' in of) return [{ ...each, counting: of.counting }];
      const faults = (of?.faults ?? []).map((fault) => `definition.${fault}`);
      answers[each.index] = { state: 'refused', faults };
      return [];
    });
    const groups = groupedByCustomers(counted);
    for (let from = 0; from < groups.length; from += CUSTOMERS_MAX) {
      const some = groups.slice(from, from + CUSTOMERS_MAX);
      const rows = await this.closeTogether(accountId, some, watermarkMs, answers);
      answerKnown(some.flat(), rows, answers);
    }
    return answers;
  }

  /** In one transaction; where there are too many events, each by itself. */
  private async closeTogether(
    accountId: string,
    groups: readonly (readonly Counted[])[],
    watermarkMs: number,
    answers: ClosedUsage[],
  ): Promise<readonly StoredClosing[]> {
    try {
      return await this.parts.closings.inTransaction((tx) =>
        closeIn(tx, accountId, groups, watermarkMs),
      );
    } catch (error) {
      if (!(error instanceof TooManyEvents)) throw error;
      const all = groups.flat();
      const [first] = all;
      if (first && all.length === 1) {
        answers[first.index] = { state: 'refused', faults: [error.message] };
        return [];
      }
      const rows: StoredClosing[] = [];
      for (const each of all) {
        rows.push(...(await this.closeTogether(accountId, [[each]], watermarkMs, answers)));
      }
      return rows;
    }
  }

  async read(accountId: string, intervalId: string): Promise<readonly ClosingRow[]> {
    return (await this.parts.closings.read(accountId, [intervalId])).map(shownRow);
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
      const rows = (await tx.read(accountId, [intervalId])).filter(
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
      await tx.insert(accountId, [
        { ...now, ...{ intervalId, customerIds, definition, revision, watermarkMs } },
      ]);
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

interface Counted extends Asked {
  readonly counting: Counting;
}

/** Counts what is not closed yet, and writes it down. All rows of what is asked for. */
async function closeIn(
  tx: ClosingTransaction,
  accountId: string,
  groups: readonly (readonly Counted[])[],
  watermarkMs: number,
): Promise<readonly StoredClosing[]> {
  const all = groups.flat();
  await tx.holdCustomers(accountId, [...new Set(all.flatMap(({ customerIds }) => customerIds))]);
  const before = await tx.read(accountId, intervalsOf(all));
  const rows: ClosingToStore[] = [];
  for (const group of groups) {
    const open = group.filter((each) => missingOf(each, before).length > 0);
    const customerIds = group[0]?.customerIds ?? [];
    const windows = distinctWindows(open.flatMap((each) => missingOf(each, before)));
    const question = {
      ...{ accountId, customerIds, countings: open.map(({ counting }) => counting) },
      windows: windows.map(toWindow),
    };
    const counted = open.length > 0 ? await countWindows(tx, question, CLOSED_EVENTS_MAX) : [];
    for (const [at, each] of open.entries()) {
      const own = missingOf(each, before);
      const usage = counted[at]?.windows.filter((window) => own.some(isSame(window))) ?? [];
      const { intervalId, definition } = each;
      rows.push(
        ...usage.map((window) => ({
          ...window,
          ...{ intervalId, customerIds, definition, revision: 0, watermarkMs },
        })),
      );
    }
  }
  const written = [
    ...new Map(rows.map((row) => [`${row.intervalId} ${row.from} ${row.to}`, row])).values(),
  ];
  await tx.insert(accountId, written);
  return [...before, ...written.map(({ customerIds: _ids, definition: _asked, ...row }) => row)];
}

const toWindow = ({ from, to }: UsageWindow): Window => ({
  fromMs: Date.parse(from),
  toMs: Date.parse(to),
});

const isSame =
  (one: UsageWindow) =>
  (other: UsageWindow): boolean =>
    one.from === other.from && one.to === other.to;

const missingOf = (
  { intervalId, windows }: Asked,
  rows: readonly StoredClosing[],
): readonly UsageWindow[] => {
  const own = rows.filter((row) => row.intervalId === intervalId);
  return windows.filter((window) => !own.some(isSame(window)));
};

const distinctWindows = (windows: readonly UsageWindow[]): readonly UsageWindow[] => [
  ...new Map(windows.map((window) => [`${window.from} ${window.to}`, window])).values(),
];

const intervalsOf = (asked: readonly Asked[]): readonly string[] => [
  ...new Set(asked.map(({ intervalId }) => intervalId)),
];

const groupedByCustomers = (asked: readonly Counted[]): readonly (readonly Counted[])[] => {
  const groups = new Map<string, Counted[]>();
  for (const each of asked) {
    const name = JSON.stringify(each.customerIds);
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  return [...groups.values()];
};

function readClosing({
  interval_id: intervalId,
  customer_ids: customerIds,
  definition,
  windows,
}: Omit<CloseUsage, 'account_id'>): Omit<Asked, 'index'> | { readonly faults: readonly string[] } {
  const sizes = sizeFaults({ definitions: [], customer_ids: customerIds });
  if (sizes.length > 0) return { faults: sizes };
  const read = readWindows(windows);
  if ('faults' in read) return { faults: read.faults };
  return { intervalId, customerIds, definition, windows: read.windows.map(shownWindow) };
}

/** Answers those whose rows are all there; returns the others. */
function answerKnown<T extends Asked>(
  asked: readonly T[],
  rows: readonly StoredClosing[],
  answers: ClosedUsage[],
): readonly T[] {
  const first = new Map(
    rows
      .filter(({ revision }) => revision === 0)
      .map((row) => [`${row.intervalId} ${row.from} ${row.to}`, row]),
  );
  return asked.filter(({ index, intervalId, windows }) => {
    const found = windows.flatMap(({ from, to }) => first.get(`${intervalId} ${from} ${to}`) ?? []);
    if (found.length < windows.length) return true;
    answers[index] = { state: 'closed', rows: found.map(shownRow) };
    return false;
  });
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
