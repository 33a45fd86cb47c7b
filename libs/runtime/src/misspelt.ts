/** Two slips of the finger; in a short name they make another word. */
const SLIPS_MAX = 2;
const NAME_CHARACTERS_MIN = 9;

export interface Misspelt {
  readonly name: string;
  readonly meant: string;
}

/** Variables that nobody knows and that are all but one of ours, which itself is not set. */
export function misspelt(given: readonly string[], known: readonly string[]): readonly Misspelt[] {
  const set = new Set(given);
  const missing = known.filter((name) => !set.has(name) && name.length >= NAME_CHARACTERS_MIN);
  return given
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = missing.find((one) => slipsBetween(name.toUpperCase(), one) <= SLIPS_MAX);
      return meant === undefined ? [] : [{ name, meant }];
    });
}

/** How many characters have to be added, taken away or changed. */
function slipsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > SLIPS_MAX) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, character] of [...one].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= other.length; at++) {
      const change = (row[at - 1] ?? 0) + (other[at - 1] === character ? 0 : 1);
      next.push(Math.min(change, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? Infinity;
}
