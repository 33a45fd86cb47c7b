import type { UsageChange } from './usage-store.js';

const HOUR_MS = 3_600_000;

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

export interface VolumeDelta {
  readonly accountId: string;
  readonly hourMs: number;
  readonly count: number;
}

/** How the events per hour change, in the order of their keys; hours that stay as they are are left out. */
export function volumeDeltas({ added, removed }: UsageChange): readonly VolumeDelta[] {
  const counts = new Map<string, { accountId: string; hourMs: number; count: number }>();
  const add = (accountId: string, timestampMs: number, by: number): void => {
    const hourMs = hourOf(timestampMs);
    const key = `${accountId} ${hourMs}`;
    const found = counts.get(key);
    if (found) found.count += by;
    else counts.set(key, { accountId, hourMs, count: by });
  };
  for (const event of added) add(event.accountId, event.timestampMs, 1);
  for (const event of removed) add(event.accountId, event.timestampMs, -1);
  return [...counts.values()]
    .filter(({ count }) => count !== 0)
    .sort((a, b) => compare(a.accountId, b.accountId) || a.hourMs - b.hourMs);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
