import { invariant } from '@orbit/kernel';
import { ZERO_MICROS, micros, type Micros } from '@orbit/money';

/** A hold ends once; the three other states are final. */
export const HOLD_STATES = ['held', 'captured', 'released', 'expired'] as const;
export type HoldState = (typeof HOLD_STATES)[number];

export const HOLD_ACTIONS = ['capture', 'release', 'expire'] as const;
export type HoldAction = (typeof HOLD_ACTIONS)[number];

export type HoldRefusal = 'conflict' | 'released' | 'captured' | 'expired' | 'exceeds_hold';

/**
 * The result of an action on a hold in each state: `same` answers as the first time and changes nothing, `late` is up
 * to the wallet's policy. The Lua scripts follow this table; hold-state.itest.ts compares.
 */
export const HOLD_TRANSITIONS: Readonly<
  Record<HoldState, Readonly<Record<HoldAction, HoldState | 'same' | 'late' | HoldRefusal>>>
> = {
  held: { capture: 'captured', release: 'released', expire: 'expired' },
  captured: { capture: 'same', release: 'captured', expire: 'same' },
  released: { capture: 'released', release: 'same', expire: 'same' },
  expired: { capture: 'late', release: 'expired', expire: 'same' },
};

export interface Hold {
  readonly state: HoldState;
  readonly amountMicros: Micros;
  /** The charged part; nothing unless it is captured. */
  readonly capturedMicros: Micros;
  /** First instant at which it no longer stands. */
  readonly expiresAtMs: number;
}

export type HoldOutcome =
  | {
      readonly status: 'changed';
      readonly hold: Hold;
      /** Free to spend again by this change. */
      readonly freedMicros: Micros;
    }
  /** The first answer again. */
  | { readonly status: 'same'; readonly hold: Hold }
  | { readonly status: 'refused'; readonly reason: HoldRefusal };

export const openHold = (amountMicros: Micros, expiresAtMs: number): Hold => ({
  state: 'held',
  amountMicros,
  capturedMicros: ZERO_MICROS,
  expiresAtMs,
});

/** The hold as the clock sees it. */
export const holdAt = (hold: Hold, nowMs: number): Hold =>
  hold.state === 'held' && nowMs >= hold.expiresAtMs ? { ...hold, state: 'expired' } : hold;

/**
 * Charges the hold, or a part of it; the rest is free at once. `allowsLateCapture` is the wallet's policy: a capture
 * after the end is posted all the same, because what it pays for has happened. Precedence: how it ended, conflict,
 * exceeds_hold, expired.
 */
export function captureHold(
  hold: Hold,
  amountMicros: Micros,
  nowMs: number,
  allowsLateCapture: boolean,
): HoldOutcome {
  invariant(amountMicros > 0n, 'a captured amount is positive');
  const current = holdAt(hold, nowMs);
  const next = HOLD_TRANSITIONS[current.state].capture;
  if (next === 'same') {
    const isSame = current.capturedMicros === amountMicros;
    return isSame ? { status: 'same', hold: current } : { status: 'refused', reason: 'conflict' };
  }
  if (next === 'released') return { status: 'refused', reason: 'released' };
  if (amountMicros > current.amountMicros) return { status: 'refused', reason: 'exceeds_hold' };
  if (next === 'late' && !allowsLateCapture) return { status: 'refused', reason: 'expired' };
  // An expired hold was freed as a whole when it ended, so that a late capture takes anew.
  const heldMicros = next === 'late' ? 0n : current.amountMicros;
  return {
    status: 'changed',
    hold: { ...current, state: 'captured', capturedMicros: amountMicros },
    freedMicros: micros(heldMicros - amountMicros),
  };
}

/** Gives the whole hold back. */
export function releaseHold(hold: Hold, nowMs: number): HoldOutcome {
  const current = holdAt(hold, nowMs);
  const next = HOLD_TRANSITIONS[current.state].release;
  if (next === 'same') return { status: 'same', hold: current };
  if (next !== 'released') {
    invariant(next === 'captured' || next === 'expired', 'a release is refused by how it ended');
    return { status: 'refused', reason: next };
  }
  return {
    status: 'changed',
    hold: { ...current, state: 'released' },
    freedMicros: current.amountMicros,
  };
}
