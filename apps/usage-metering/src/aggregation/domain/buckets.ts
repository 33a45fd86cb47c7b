import type { Window } from '../../metrics/domain/tally.js';

/**
 * Rollups are kept per quarter of an hour of UTC: midnight and every hour of every civil zone of today begins with
 * one (+05:30, +05:45, Lord Howe's half hour), so no bucket has to know whose it is.
 */
export const BUCKET_MS = 15 * 60_000;
/** Values of COUNT(DISTINCT …) are kept per hour: finer ones would repeat nearly every value. */
export const HOUR_MS = 60 * 60_000;

export const bucketOf = (ms: number, sizeMs = BUCKET_MS): number =>
  Math.floor(ms / sizeMs) * sizeMs;

/** A window in its parts: whole buckets from `fromMs` on, and what is left of it at both sides. */
export interface SplitWindow {
  /** Null: it holds no whole bucket. */
  readonly whole: Window | null;
  readonly edges: readonly Window[];
}

/** `completeFromMs`: buckets before it are not all there. */
export function splitWindow(
  { fromMs, toMs }: Window,
  completeFromMs: number,
  sizeMs: number,
): SplitWindow {
  const start = Math.ceil(Math.max(fromMs, completeFromMs) / sizeMs) * sizeMs;
  const end = bucketOf(toMs, sizeMs);
  if (!(start < end)) return { whole: null, edges: [{ fromMs, toMs }] };
  const edges = [
    { fromMs, toMs: start },
    { fromMs: end, toMs },
  ].filter((edge) => edge.fromMs < edge.toMs);
  return { whole: { fromMs: start, toMs: end }, edges };
}
