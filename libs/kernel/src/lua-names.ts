/** Names of what stands behind one another in KEYS or ARGV of a Lua script, in that order. */
export type Positions = readonly string[];

type ByName<P extends Positions> = { readonly [name in P[number]]: string | number };

/** Values by name, in the order in which the script reads them. */
export const inOrder = <const P extends Positions, T extends ByName<P>>(
  names: P,
  values: T,
): T[P[number]][] => names.map((name) => values[name as P[number]]);

/** As `inOrder`, behind what stands in `list` already. */
export function pushInOrder<const P extends Positions, T extends ByName<P>>(
  list: T[P[number]][],
  names: P,
  values: T,
): void {
  for (const name of names) list.push(values[name as P[number]]);
}

/** `recordTtlMs` of the group `charge`: `CHARGE_RECORD_TTL_MS`. */
export const luaName = (...words: readonly string[]): string =>
  words
    .filter((word) => word !== '')
    .map((word) => word.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase())
    .join('_');

/**
 * A line of Lua that gives each position its name, counted from 1: `ARGV[AMOUNT]`, or `ARGV[at + CHARGE_AMOUNT]`
 * where `at` counts what stands before. `size`: the name of how many there are, for who steps over them.
 */
export function luaNames(
  names: Positions,
  nameOf: (name: string) => string,
  size: string | null = null,
): string {
  const all = [...names.map(nameOf), ...(size === null ? [] : [size])];
  const numbers = names.map((_, index) => index + 1).concat(size === null ? [] : [names.length]);
  return all.length === 0 ? '' : `local ${all.join(', ')} = ${numbers.join(', ')}\n`;
}
