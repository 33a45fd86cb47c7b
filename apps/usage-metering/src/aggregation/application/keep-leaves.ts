import { leavesOf, type Counting } from '../../metrics/domain/counting.js';
import { leafHash, rolledLeavesOf } from '../domain/rolled-leaves.js';
import type { KeptLeaves } from './ports.js';

/** Has rollups kept for what is asked for again and again. */
export async function keepLeaves(
  kept: KeptLeaves,
  accountId: string,
  countings: readonly Counting[],
): Promise<void> {
  const leaves = countings.flatMap((counting) => rolledLeavesOf(leavesOf(counting))?.leaves ?? []);
  const distinct = new Map(leaves.map((leaf) => [leafHash(leaf), leaf]));
  if (distinct.size > 0) await kept.keep(accountId, [...distinct.values()]);
}
