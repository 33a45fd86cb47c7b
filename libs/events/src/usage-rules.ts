import { USAGE_AHEAD_MS, USAGE_GRACE_MS } from './usage.events.js';

/** Digits that every store holds exactly: before and after the point. */
const WHOLE_DIGITS_MAX = 38;
const DECIMALS_MAX = 18;
/** No double below it has more digits than are held. */
const PLAIN_MAX = 1e15;

/** The name of a property whose number no store holds exactly; null when there is none. */
export function unheldNumberIn(properties: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'number' && !isHeld(Math.abs(value))) return name;
  }
  return null;
}

function isHeld(number: number): boolean {
  if (Number.isInteger(number) && number < PLAIN_MAX) return true;
  const [mantissa = '', exponent = '0'] = String(number).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const shift = Number(exponent);
  return fraction.length - shift <= DECIMALS_MAX && whole.length + shift <= WHOLE_DIGITS_MAX;
}

/** Why an event of this instant is not accepted at `nowMs` of its account; null when it is. */
export function usageTimeFault(timestampMs: number, nowMs: number): string | null {
  if (timestampMs < nowMs - USAGE_GRACE_MS) {
    const hours = USAGE_GRACE_MS / 3_600_000;
    return `must not be older than the grace period of ${hours} hours; send older events in a backfill`;
  }
  if (timestampMs > nowMs + USAGE_AHEAD_MS) {
    return `must not be more than ${USAGE_AHEAD_MS / 60_000} minutes in the future`;
  }
  return null;
}
