import type { DefinitionUsage, UsageWindow, WindowUsage } from '@orbit/contracts';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import {
  compileLeaf,
  compileResult,
  leavesOf,
  WindowCount,
  type Counting,
} from '../../metrics/domain/counting.js';
import type { Window } from '../../metrics/domain/tally.js';
import { countRolled, TooManyEvents, type Remaining, type RolledCounts } from './count-rolled.js';
import type { UsageReading } from './ports.js';

/** Events that one question reads one by one; more take longer than anybody waits. */
export const READ_EVENTS_MAX = 1_000_000;
/** The same for closing, which has to come to an end: whoever asks again finds its rows. */
export const CLOSED_EVENTS_MAX = 50_000_000;

export interface CountedQuestion {
  readonly accountId: string;
  readonly customerIds: readonly string[];
  readonly countings: readonly Counting[];
  readonly windows: readonly Window[];
}

interface DefinitionCounts extends RolledCounts {
  readonly counting: Counting;
}

/** Counts every definition in every window. Errors: TooManyEvents, the store's own. */
export async function countWindows(
  reading: UsageReading,
  question: CountedQuestion,
  eventsMax = READ_EVENTS_MAX,
): Promise<readonly DefinitionUsage[]> {
  const { accountId, windows, countings } = question;
  const all = countings.map((counting) => startCounting(counting, windows.length));
  let left = eventsMax;
  for (const customerId of new Set(question.customerIds)) {
    const pieces = await countRolled(reading, {
      ...{ accountId, customerId, windows, all },
      valuesMax: eventsMax,
    });
    for (const { range, pieces: within } of rangesOf(pieces)) {
      for await (const events of reading.events({ accountId, customerId, ...range })) {
        left -= events.length;
        if (left < 0) throw new TooManyEvents(eventsMax, 'events');
        for (const event of events) addTo(within, event);
      }
    }
  }
  return all.map((each) => ({ windows: shownWindows(each, windows) }));
}

/** The same over given events. */
export function countGivenEvents(
  countings: readonly Counting[],
  windows: readonly Window[],
  events: readonly CountedEvent[],
): readonly DefinitionUsage[] {
  return countings.map((counting) => {
    const each = startCounting(counting, windows.length);
    const pieces = each.counts.map((count, index) => ({ count, ...windowAt(windows, index) }));
    for (const event of events) addTo(pieces, event);
    return { windows: shownWindows(each, windows) };
  });
}

function startCounting(counting: Counting, windowCount: number): DefinitionCounts {
  const leaves = leavesOf(counting);
  const compiled = leaves.map(compileLeaf);
  const counts = Array.from({ length: windowCount }, () => new WindowCount(leaves, compiled));
  return { counting, leaves, counts };
}

const windowAt = (windows: readonly Window[], index: number): Window => {
  const { fromMs, toMs } = windows[index] ?? { fromMs: 0, toMs: 0 };
  return { fromMs, toMs };
};

function addTo(pieces: readonly Remaining[], event: CountedEvent): void {
  const { timestampMs } = event;
  for (const { fromMs, toMs, count } of pieces) {
    if (timestampMs >= fromMs && timestampMs < toMs) count.add(event);
  }
}

/** Ranges of time that hold all pieces and do not meet, each with its own: every event is read once. */
function rangesOf(
  pieces: readonly Remaining[],
): readonly { readonly range: Window; readonly pieces: readonly Remaining[] }[] {
  const ranges: { range: { fromMs: number; toMs: number }; pieces: Remaining[] }[] = [];
  for (const piece of [...pieces].sort((a, b) => a.fromMs - b.fromMs)) {
    if (piece.fromMs >= piece.toMs) continue;
    const last = ranges.at(-1);
    if (last && piece.fromMs < last.range.toMs) {
      last.range.toMs = Math.max(last.range.toMs, piece.toMs);
      last.pieces.push(piece);
    } else {
      ranges.push({ range: { fromMs: piece.fromMs, toMs: piece.toMs }, pieces: [piece] });
    }
  }
  return ranges;
}

function shownWindows(
  { counting, counts }: DefinitionCounts,
  windows: readonly Window[],
): readonly WindowUsage[] {
  const resultOf = compileResult(counting.metric, counting.parameters);
  return counts.map((count, index) => {
    const window = windowAt(windows, index);
    return {
      ...shownWindow(window),
      groups: count.results(window, resultOf).map(({ group, quantity }) => ({
        values: group.values,
        quantity: String(quantity),
        event_count: group.eventCount,
        fingerprint: group.fingerprintText,
      })),
    };
  });
}

export const shownWindow = ({ fromMs, toMs }: Window): UsageWindow => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});
