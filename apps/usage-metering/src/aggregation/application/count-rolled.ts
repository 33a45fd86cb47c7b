import type { Leaf, WindowCount } from '../../metrics/domain/counting.js';
import type { Window } from '../../metrics/domain/tally.js';
import { splitWindow, type SplitWindow } from '../domain/buckets.js';
import {
  hasKeptValues,
  leafHash,
  rolledLeavesOf,
  type RolledLeaves,
} from '../domain/rolled-leaves.js';
import type { RolledGroup, RolledLeaf, RolledRange, RolledValue, UsageReading } from './ports.js';

/** More than one question may read one by one. */
export class TooManyEvents extends Error {
  constructor(count: number, what: 'events' | 'different values') {
    super(`more than ${count} ${what} would be read one by one; ask for shorter windows`);
  }
}

/** A part of a window that is left to be counted one by one. */
export interface Remaining extends Window {
  readonly count: WindowCount;
}

/** Counts of one definition, one a window. */
export interface RolledCounts {
  readonly leaves: readonly Leaf[];
  readonly counts: readonly WindowCount[];
}

export interface RolledQuestion {
  readonly accountId: string;
  readonly customerId: string;
  readonly windows: readonly Window[];
  readonly all: readonly RolledCounts[];
  /** Values of COUNT(DISTINCT …) and percentiles that are read at once. */
  readonly valuesMax: number;
}

/** A definition that is made of what is rolled up. */
interface Planned {
  readonly counts: readonly WindowCount[];
  readonly rolled: RolledLeaves;
  readonly leafIds: readonly string[];
  readonly splits: readonly SplitWindow[];
  readonly ranges: readonly RolledRange[];
}

/**
 * Takes from rollups what they have of one customer, and answers what has to be read from events. Definitions whose
 * windows are cut alike are read together. Errors: TooManyEvents, the store's own.
 */
export async function countRolled(
  reading: UsageReading,
  { accountId, customerId, windows, all, valuesMax }: RolledQuestion,
): Promise<readonly Remaining[]> {
  const plans = all.map(({ leaves, counts }) => ({ counts, rolled: rolledLeavesOf(leaves) }));
  const asked = new Map(
    plans.flatMap(({ rolled }) => rolled?.leaves ?? []).map((leaf) => [leafHash(leaf), leaf]),
  );
  const found = await reading.rolledLeaves(accountId, customerId, [...asked.keys()]);
  const remaining: Remaining[] = [];
  const byRanges = new Map<string, Planned[]>();
  for (const { counts, rolled } of plans) {
    const planned = rolled && plan({ counts, rolled }, windows, found, reading);
    if (!planned) {
      remaining.push(...windows.flatMap((window, index) => restOf([window], counts[index])));
      continue;
    }
    const key = JSON.stringify(planned.ranges);
    byRanges.set(key, [...(byRanges.get(key) ?? []), planned]);
  }
  for (const planned of byRanges.values()) {
    remaining.push(...(await countPlanned(reading, { customerId, windows, valuesMax }, planned)));
  }
  return remaining;
}

/** Null: something of it is not rolled up, or no window holds a whole bucket. */
function plan(
  { counts, rolled }: Pick<Planned, 'counts' | 'rolled'>,
  windows: readonly Window[],
  found: ReadonlyMap<string, RolledLeaf>,
  reading: UsageReading,
): Planned | null {
  const leaves = rolled.leaves.flatMap((leaf) => found.get(leafHash(leaf)) ?? []);
  if (leaves.length < rolled.leaves.length) return null;
  const fromMs = Math.max(...leaves.map((leaf) => leaf.fromMs));
  const grainMs = reading.grainMs(rolled.leaves.some(hasKeptValues));
  const splits = windows.map((window) => splitWindow(window, fromMs, grainMs));
  const ranges = splits.flatMap(({ whole }, window): RolledRange[] =>
    whole ? [{ window, ...whole }] : [],
  );
  if (ranges.length === 0) return null;
  return { counts, rolled, leafIds: leaves.map(({ id }) => id), splits, ranges };
}

/** `all` have the same ranges. */
async function countPlanned(
  reading: UsageReading,
  { customerId, windows, valuesMax }: Omit<RolledQuestion, 'accountId' | 'all'>,
  all: readonly Planned[],
): Promise<readonly Remaining[]> {
  const ranges = all[0]?.ranges ?? [];
  const ids = new Set(all.flatMap(({ leafIds }) => leafIds));
  const withValues = new Set(
    all.flatMap(({ rolled, leafIds }) =>
      leafIds.filter((_, at) => hasKeptValues(rolled.leaves[at])),
    ),
  );
  const groups = byLeaf(await reading.rolledGroups(customerId, [...ids], ranges));
  const read =
    withValues.size > 0
      ? await reading.rolledValues(customerId, [...withValues], ranges, valuesMax + 1)
      : [];
  if (read.length > valuesMax) throw new TooManyEvents(valuesMax, 'different values');
  const values = byLeaf(read);
  return all.flatMap(({ counts, rolled, leafIds, splits }) => {
    const dirty = new Set(
      leafIds
        .flatMap((id) => groups.get(id) ?? [])
        .flatMap(({ isDirty, window }) => (isDirty ? [window] : [])),
    );
    const clean = ({ window }: { readonly window: number }): boolean => !dirty.has(window);
    for (const [at, id] of leafIds.entries()) {
      const aggregate = rolled.aggregates[at] ?? null;
      const own = (groups.get(id) ?? []).filter(clean);
      addGroups(own, counts, { aggregate, hasEvents: at === rolled.eventsAt });
      addValues((values.get(id) ?? []).filter(clean), counts, aggregate);
    }
    return splits.flatMap(({ edges }, index) =>
      restOf(dirty.has(index) ? windows.slice(index, index + 1) : edges, counts[index]),
    );
  });
}

const restOf = (parts: readonly Window[], count: WindowCount | undefined): readonly Remaining[] =>
  count ? parts.map(({ fromMs, toMs }) => ({ fromMs, toMs, count })) : [];

function byLeaf<Row extends { readonly leafId: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, readonly Row[]> {
  const of = new Map<string, Row[]>();
  for (const row of rows) {
    const known = of.get(row.leafId);
    if (known) known.push(row);
    else of.set(row.leafId, [row]);
  }
  return of;
}

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
  for (const { window, values, hash, number, count } of rows) {
    const tally = counts[window]?.groupOf(values).tallies[aggregate];
    if (number) tally?.addValue(number, count);
    else tally?.addDistinct([hash]);
  }
}
