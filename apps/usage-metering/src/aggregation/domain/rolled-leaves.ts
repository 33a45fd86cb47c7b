import { hash } from 'node:crypto';
import { canonicalText, type Leaf } from '../../metrics/domain/counting.js';

/** By which the store knows a leaf: 32 hexadecimal digits. */
export const leafHash = (leaf: Leaf): string => hash16(canonicalText(leaf));

/** By which the store knows the values of a group. */
export const groupHash = (values: readonly (string | null)[]): string =>
  values.length === 0 ? UNGROUPED : hash16(JSON.stringify(values));

const hash16 = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

const UNGROUPED = hash16('[]');

/** Whether its result needs the values that occurred, not only what they add up to. */
export const hasKeptValues = (leaf: Leaf | undefined): boolean =>
  leaf !== undefined && (leaf.kind === 'count_distinct' || leaf.kind.startsWith('percentile'));

/** Leaves of a counting that have to be rolled up, and the one among them that knows all its events. */
export interface RolledLeaves {
  readonly leaves: readonly Leaf[];
  /** For each: the number of its aggregate; null: it is there for the events alone. */
  readonly aggregates: readonly (number | null)[];
  readonly eventsAt: number;
}

/** `all` as `leavesOf` makes them. Null: there are none. */
export function rolledLeavesOf(all: readonly Leaf[]): RolledLeaves | null {
  const [whole, ...aggregates] = all;
  if (!whole) return null;
  const filter = JSON.stringify(whole.filter);
  const known = aggregates.findIndex((leaf) => JSON.stringify(leaf.filter) === filter);
  const numbers = aggregates.map((_, index) => index);
  return known >= 0
    ? { leaves: aggregates, aggregates: numbers, eventsAt: known }
    : { leaves: all, aggregates: [null, ...numbers], eventsAt: 0 };
}
