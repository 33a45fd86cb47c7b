import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import type { Block, Escrow } from './wallet.js';

/** Part of a charge and the block that pays it; null is the overdraft. */
export interface Slice {
  readonly blockSequence: bigint | null;
  readonly amountMicros: Micros;
}

const NEVER_MS = Number.POSITIVE_INFINITY;

/**
 * Draw-down order: priority ↑, expiry ↑ (never last), cost basis ↑ (free before paid), created ↑,
 * sequence ↑. Total, so a replay takes the same blocks. See docs/design.md, 3.
 */
export function compareDrawDown(a: Block, b: Block): number {
  return (
    a.priority - b.priority ||
    compare(a.expiresAtMs ?? NEVER_MS, b.expiresAtMs ?? NEVER_MS) ||
    compare(a.costBasisMicros, b.costBasisMicros) ||
    a.createdAtMs - b.createdAtMs ||
    compare(a.sequence, b.sequence)
  );
}

function compare<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** May be spent at `atMs`: half-open, the expiry instant itself is too late. */
export function isSpendable(block: Block, atMs: number): boolean {
  return (
    block.remainingMicros > 0n &&
    block.voidedAtMs === null &&
    block.effectiveAtMs <= atMs &&
    (block.expiresAtMs === null || atMs < block.expiresAtMs)
  );
}

/** Per block, what escrows keep of it; key null is what they keep of the overdraft. */
export function pinnedByBlock(escrows: readonly Escrow[]): ReadonlyMap<bigint | null, bigint> {
  const pinned = new Map<bigint | null, bigint>();
  for (const { slices } of escrows) {
    for (const { blockSequence, amountMicros } of slices) {
      pinned.set(blockSequence, (pinned.get(blockSequence) ?? 0n) + amountMicros);
    }
  }
  return pinned;
}

/** Σ remaining of the blocks that may be spent at `atMs`, less what is pinned in them. */
export function spendableMicros(
  blocks: readonly Block[],
  atMs: number,
  pinned?: ReadonlyMap<bigint | null, bigint>,
): Micros {
  let sum = 0n;
  for (const block of blocks) {
    if (!isSpendable(block, atMs)) continue;
    sum += block.remainingMicros - (pinned?.get(block.sequence) ?? 0n);
  }
  return micros(sum);
}

/**
 * Splits `amountMicros` over `blocks` (in draw-down order), leaving what is pinned. What no block covers
 * falls to the overdraft as one last slice; whether that is allowed is the caller's decision.
 */
export function drawDown(
  blocks: readonly Block[],
  amountMicros: Micros,
  atMs: number,
  pinned?: ReadonlyMap<bigint | null, bigint>,
): Slice[] {
  const slices: Slice[] = [];
  let left: bigint = amountMicros;
  for (const block of blocks) {
    if (left === 0n) break;
    if (!isSpendable(block, atMs)) continue;
    const free = pinned
      ? block.remainingMicros - (pinned.get(block.sequence) ?? 0n)
      : block.remainingMicros;
    if (free <= 0n) continue;
    const taken = left < free ? left : free;
    slices.push({ blockSequence: block.sequence, amountMicros: micros(taken) });
    left -= taken;
  }
  if (left > ZERO_MICROS) slices.push({ blockSequence: null, amountMicros: micros(left) });
  return slices;
}
