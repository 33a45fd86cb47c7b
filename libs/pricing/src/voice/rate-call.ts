import { Decimal } from '../decimal.js';
import { line, product, summed, type Rating } from '../rating.js';

/** How the seconds of a call are counted and priced. 60/1 is a first minute, then each second; 1/1 each second. */
export interface VoiceRate {
  readonly firstIncrementSeconds: number;
  readonly nextIncrementSeconds: number;
  readonly perMinute: Decimal;
  /** Once for each call that was answered. */
  readonly connectFee: Decimal;
  /** A call that was answered costs at least this. */
  readonly minimumAmount: Decimal;
}

const SECONDS_PER_MINUTE = Decimal.of(60);

/** Seconds that are billed: whole increments, at least the first. A call of 0 seconds was not answered. */
export function billedSeconds(durationSeconds: Decimal, rate: VoiceRate): Decimal {
  if (durationSeconds.digits <= 0n) return Decimal.ZERO;
  const first = Decimal.of(rate.firstIncrementSeconds);
  const next = Decimal.of(rate.nextIncrementSeconds);
  const beyond = durationSeconds.minus(first).max(Decimal.ZERO);
  return first.plus(Decimal.of(beyond.ceiledBy(next)).times(next));
}

/** Cost of a call. The quantity is what was billed, in seconds. */
export function rateCall(durationSeconds: Decimal, rate: VoiceRate): Rating {
  const seconds = billedSeconds(durationSeconds, rate);
  const zero = Decimal.ZERO;
  if (seconds.isZero) {
    const formula = (): string => 'not answered = 0';
    return summed(zero, [
      line({ kind: 'total', name: 'call', quantity: zero, amount: zero, formula }),
    ]);
  }
  const spoken = seconds.times(rate.perMinute).dividedBy(SECONDS_PER_MINUTE);
  const amount = spoken.plus(rate.connectFee).max(rate.minimumAmount);
  const formula = (): string =>
    `${rate.connectFee.toString()} + ${product(`${seconds.toString()} s`, rate.perMinute)} / 60, ` +
    `at least ${rate.minimumAmount.toString()} = ${amount.toString()}`;
  return summed(seconds, [
    line({ kind: 'total', name: 'call', quantity: seconds, amount, formula }),
  ]);
}

/** A destination by the digits that a number begins with. */
export interface Destination<T> {
  /** Digits only, without `+`. */
  readonly prefix: string;
  readonly terms: T;
}

/** Finds destinations by their longest matching prefix; each lookup costs a step per digit. */
export class Destinations<T> {
  private readonly byPrefix: ReadonlyMap<string, T>;
  private readonly longest: number;

  constructor(destinations: readonly Destination<T>[]) {
    this.byPrefix = new Map(destinations.map(({ prefix, terms }) => [prefix, terms]));
    this.longest = Math.max(0, ...destinations.map(({ prefix }) => prefix.length));
  }

  /** Null when no prefix fits. `number` may have a `+` and spaces, as people write it. */
  find(number: string): { readonly prefix: string; readonly terms: T } | null {
    const digits = number.replace(/[^0-9]/g, '');
    for (let length = Math.min(this.longest, digits.length); length > 0; length--) {
      const prefix = digits.slice(0, length);
      const terms = this.byPrefix.get(prefix);
      if (terms !== undefined) return { prefix, terms };
    }
    return null;
  }
}
