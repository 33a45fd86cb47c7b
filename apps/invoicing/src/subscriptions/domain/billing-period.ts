const SECOND_MS = 1_000;

/** The UTC calendar month of an instant, from its first second to its last one, both included. */
export function monthOf(atMs: number): { readonly startMs: number; readonly endMs: number } {
  const at = new Date(atMs);
  const year = at.getUTCFullYear();
  const month = at.getUTCMonth();
  return {
    startMs: Date.UTC(year, month, 1),
    endMs: Date.UTC(year, month + 1, 1) - SECOND_MS,
  };
}

/** The UTC year of an instant; numbers start again at 1 with it. */
export const yearOf = (atMs: number): number => new Date(atMs).getUTCFullYear();
