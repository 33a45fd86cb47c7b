import type { BlockReason } from '@orbit/contracts';
import type { Micros } from '@orbit/money';
import { NOTICES, type AlertLevel } from './wallet.js';

/** What a change of balance does to the alert level and to the pause, and what is said about it. */
export interface Crossing {
  readonly alertLevel: AlertLevel;
  readonly pausedReason: BlockReason | null;
  /** Bit set of NOTICES. */
  readonly notices: number;
}

export function alertLevelOf(balanceMicros: Micros, lowBalanceMicros: Micros | null): AlertLevel {
  if (balanceMicros <= 0n) return 'depleted';
  return lowBalanceMicros !== null && balanceMicros < lowBalanceMicros ? 'low' : 'ok';
}

/**
 * Each line is told once per crossing: falling through both lines at once tells both; rising is
 * told when the balance is `ok` again. A depleted wallet pauses itself and resumes itself; other
 * reasons are never touched here.
 */
export function cross(
  before: { alertLevel: AlertLevel; pausedReason: BlockReason | null },
  balanceMicros: Micros,
  lowBalanceMicros: Micros | null,
): Crossing {
  const alertLevel = alertLevelOf(balanceMicros, lowBalanceMicros);
  let notices = 0;
  if (before.alertLevel === 'ok' && alertLevel !== 'ok' && lowBalanceMicros !== null) {
    notices |= NOTICES.low;
  }
  if (before.alertLevel !== 'depleted' && alertLevel === 'depleted') notices |= NOTICES.depleted;
  if (before.alertLevel !== 'ok' && alertLevel === 'ok') notices |= NOTICES.recovered;

  let pausedReason = before.pausedReason;
  if (alertLevel === 'depleted' && pausedReason === null && before.alertLevel !== 'depleted') {
    pausedReason = 'balance_depleted';
    notices |= NOTICES.paused;
  } else if (alertLevel !== 'depleted' && pausedReason === 'balance_depleted') {
    pausedReason = null;
    notices |= NOTICES.resumed;
  }
  return { alertLevel, pausedReason, notices };
}
