import { hash } from 'node:crypto';
import { invariant } from '@orbit/kernel';
import type { Hash } from './seal.js';

// Merkle trees in the shape of RFC 6962: the left half of n leaves is the largest power of two below n.
// "leaf" and "node" in front keep the two apart, so that no inner node passes for a leaf.

const leafHash = (value: Hash): Hash => hash('sha256', `leaf\n${value}`, 'hex');
const nodeHash = (left: Hash, right: Hash): Hash =>
  hash('sha256', `node\n${left}\n${right}`, 'hex');

/** One step of a proof: hash the value so far with this one, which stands on that side of it. */
export interface MerkleStep {
  readonly side: 'left' | 'right';
  readonly hash: Hash;
}

/** The root over at least one value. */
export function merkleRoot(values: readonly Hash[]): Hash {
  invariant(values.length > 0, 'a tree has a leaf');
  let level = values.map(leafHash);
  // Pairing neighbours and lifting the odd one out gives the tree of RFC 6962.
  while (level.length > 1) level = lift(level);
  return level[0] ?? '';
}

/** The path that turns the value at `index` into the root. */
export function merklePath(values: readonly Hash[], index: number): MerkleStep[] {
  invariant(index >= 0 && index < values.length, 'the leaf is in the tree');
  const path: MerkleStep[] = [];
  let level = values.map(leafHash);
  for (let at = index; level.length > 1; at >>= 1) {
    const isRight = at % 2 === 1;
    const sibling = level[isRight ? at - 1 : at + 1];
    if (sibling !== undefined) path.push({ side: isRight ? 'left' : 'right', hash: sibling });
    level = lift(level);
  }
  return path;
}

/** The root that a value and its path lead to. */
export function rootOfPath(value: Hash, path: readonly MerkleStep[]): Hash {
  let current = leafHash(value);
  for (const step of path) {
    current = step.side === 'left' ? nodeHash(step.hash, current) : nodeHash(current, step.hash);
  }
  return current;
}

function lift(level: readonly Hash[]): Hash[] {
  const above: Hash[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const left = level[at] ?? '';
    const right = level[at + 1];
    above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}
