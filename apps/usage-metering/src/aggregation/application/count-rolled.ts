import type { Leaf, WindowCount } from '../../metrics/domain/counting.js';
import type { Window } from '../../metrics/domain/tally.js';
import { BUCKET_MS, HOUR_MS, splitWindow } from '../domain/buckets.js';
import { rolledLeavesOf } from '../domain/rolled-leaves.js';
import type { RolledGroup, RolledRange, RolledValue, UsageReading } from './ports.js';

/** The parts of a window that are left to be counted one by one. */
export interface Remaining extends Window {
  readonly index: number;
}

export interface RolledQuestion {
  readonly accountId: string;
  readonly customerId: string;
  readonly leaves: readonly Leaf[];
  readonly windows: readonly Window[];
  readonly counts: readonly WindowCount[];
}

/** Takes from rollups what they have of one customer, and answers what has to be read from events. */
export async function countRolled(
  reading: UsageReading,
  question: RolledQuestion,
): Promise<readonly Remaining[]> {
  const { accountId, customerId, leaves, windows, counts } = question;
  const everything = windows.map((window, index) => ({ ...pick(window), index }));
  const rolled = rolledLeavesOf(leaves);
  const view = rolled && (await reading.rolledView(accountId, customerId, rolled.leaves));
  if (!rolled || !view) return everything;
  const hasValues = rolled.leaves.some(({ kind }) => kind === 'count_distinct');
  const size = hasValues ? HOUR_MS : BUCKET_MS;
  const splits = windows.map((window) => splitWindow(window, view.fromMs, size));
  const ranges = splits.flatMap(({ whole }, window): RolledRange[] =>
    whole ? [{ window, ...whole }] : [],
  );
  if (ranges.length === 0) return everything;
  const { leafIds } = view;
  const groups = await reading.rolledGroups(customerId, leafIds, ranges);
  const values = hasValues ? await reading.rolledValues(customerId, leafIds, ranges) : [];
  const dirty = new Set(groups.flatMap(({ isDirty, window }) => (isDirty ? [window] : [])));
  for (const [at, leafId] of leafIds.entries()) {
    const of = <Row extends { leafId: string; window: number }>(rows: readonly Row[]): Row[] =>
      rows.filter((row) => row.leafId === leafId && !dirty.has(row.window));
    const aggregate = rolled.aggregates[at] ?? null;
    addGroups(of(groups), counts, { aggregate, hasEvents: at === rolled.eventsAt });
    addValues(of(values), counts, aggregate);
  }
  return splits.flatMap(({ edges }, index) =>
    dirty.has(index)
      ? everything.slice(index, index + 1)
      : edges.map((edge) => ({ ...edge, index })),
  );
}

const pick = ({ fromMs, toMs }: Window): Window => ({ fromMs, toMs });

function addGroups(
  rows: readonly RolledGroup[],
  counts: readonly WindowCount[],
  { aggregate, hasEvents }: { aggregate: number | null; hasEvents: boolean },
): void {
  for (const row of rows) {
    if (row.eventCount === 0) continue;
    const group = counts[row.window]?.groupOf(row.values);
    if (hasEvents) group?.addEvents(row.eventCount, row.fingerprint);
    if (aggregate !== null) group?.tallies[aggregate]?.addRolled(row);
  }
}

function addValues(
  rows: readonly RolledValue[],
  counts: readonly WindowCount[],
  aggregate: number | null,
): void {
  if (aggregate === null) return;
  for (const { window, values, hash } of rows) {
    counts[window]?.groupOf(values).tallies[aggregate]?.addDistinct([hash]);
  }
}
