import type { BlockState } from '@orbit/contracts';
import { micros, type Micros } from '@orbit/money';
import type { Block } from '../../books/domain/wallet.js';

/** A block at one instant, whether the sweeper came by or not. */
export interface BlockStanding {
  readonly state: BlockState;
  /** The spendable amount, now or once it begins, and the part of it that escrows keep. */
  readonly remainingMicros: Micros;
  readonly heldMicros: Micros;
  /** The amount that expired unused. */
  readonly expiredMicros: Micros;
}

/** `pinnedMicros`: what escrows keep of the block; it does not expire with it. */
export function blockStanding(block: Block, pinnedMicros: bigint, nowMs: number): BlockStanding {
  const { remainingMicros, expiredMicros, expiresAtMs, voidedAtMs, effectiveAtMs } = block;
  const heldMicros = micros(pinnedMicros);
  if (voidedAtMs !== null) {
    return { state: 'voided', remainingMicros: heldMicros, heldMicros, expiredMicros };
  }
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    const expired = micros(expiredMicros + remainingMicros - pinnedMicros);
    const state = expired > 0n || pinnedMicros > 0n ? 'expired' : 'depleted';
    return { state, remainingMicros: heldMicros, heldMicros, expiredMicros: expired };
  }
  const isBegun = effectiveAtMs <= nowMs;
  const state = remainingMicros === 0n ? 'depleted' : isBegun ? 'active' : 'scheduled';
  return { state, remainingMicros, heldMicros, expiredMicros };
}
