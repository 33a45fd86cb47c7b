import type { BlockReason } from '@orbit/contracts';
import type { Micros } from '@orbit/money';
import { NOTICES, type AlertLevel } from './wallet.js';

/** The alert level and the pause after a change of balance, and the events that follow. */
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

/** Nothing is left to spend, the overdraft neither. */
export const isSpent = (balanceMicros: Micros, overdraftMicros: Micros): boolean =>
  balanceMicros + overdraftMicros <= 0n;

/**
 * Each threshold is reported once per crossing: falling through both at once reports both; rising is reported when
 * the balance is `ok` again. A wallet that is spent, its overdraft included, pauses itself and resumes itself; other
 * reasons are never touched here.
 */
export function cross(
  before: {
    readonly alertLevel: AlertLevel;
    readonly pausedReason: BlockReason | null;
    readonly overdraftMicros: Micros;
  },
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
  const isOver = isSpent(balanceMicros, before.overdraftMicros);
  if (isOver && pausedReason === null) {
    pausedReason = 'balance_depleted';
    notices |= NOTICES.paused;
  } else if (!isOver && pausedReason === 'balance_depleted') {
    pausedReason = null;
    notices |= NOTICES.resumed;
  }
  return { alertLevel, pausedReason, notices };
}

/** As `cross`, and the pending report of the next charge. */
export interface EntryCrossing extends Crossing {
  readonly awaitsSpend: boolean;
}

/**
 * The effect of entries on the levels. `low` is an alert, and it makes auto-reload check the balance, which pays only
 * for what was spent. So a balance that is low for another reason (credit expired, money went back, a new threshold)
 * is reported once more when a charge comes. `overdrawn` is reported when the balance falls below what the overdraft
 * allows.
 */
export function crossByEntries(
  before: Parameters<typeof cross>[0] & {
    readonly lowBalanceMicros: Micros | null;
    readonly awaitsSpend: boolean;
  },
  moved: {
    readonly beforeMicros: Micros;
    readonly afterMicros: Micros;
    readonly isSpend: boolean;
  },
): EntryCrossing {
  const { lowBalanceMicros, overdraftMicros } = before;
  const crossing = cross(before, moved.afterMicros, lowBalanceMicros);
  let { notices } = crossing;
  let awaitsSpend = before.awaitsSpend || (notices & NOTICES.low) !== 0;
  if (moved.isSpend && awaitsSpend) {
    if (lowBalanceMicros !== null) notices |= NOTICES.low;
    awaitsSpend = false;
  }
  if (crossing.alertLevel === 'ok') awaitsSpend = false;
  const floor = -overdraftMicros;
  if (moved.beforeMicros >= floor && moved.afterMicros < floor) notices |= NOTICES.overdrawn;
  return { ...crossing, notices, awaitsSpend };
}
