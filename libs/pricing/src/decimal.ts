import { invariant } from '@orbit/kernel';

/** `digits × 10^-scale`. Exact; sums, differences and products lose nothing. */
export class Decimal {
  private constructor(
    readonly digits: bigint,
    /** Decimal places of `digits`, at least 0. */
    readonly scale: number,
  ) {}

  static readonly ZERO = new Decimal(0n, 0);
  static readonly ONE = new Decimal(1n, 0);

  static of(value: bigint | number): Decimal {
    if (typeof value === 'bigint') return new Decimal(value, 0);
    invariant(Number.isSafeInteger(value), 'a number that becomes a decimal is a whole one');
    return new Decimal(BigInt(value), 0);
  }

  static scaled(digits: bigint, scale: number): Decimal {
    return new Decimal(digits, scale);
  }

  plus(other: Decimal): Decimal {
    if (this.scale === other.scale) return new Decimal(this.digits + other.digits, this.scale);
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.digitsAt(scale) + other.digitsAt(scale), scale);
  }

  minus(other: Decimal): Decimal {
    return this.plus(other.negated());
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.digits * other.digits, this.scale + other.scale);
  }

  negated(): Decimal {
    return new Decimal(-this.digits, this.scale);
  }

  /** Below 0, 0 or above 0, as `sort` wants it. */
  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const [a, b] = [this.digitsAt(scale), other.digitsAt(scale)];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  isBelow(other: Decimal): boolean {
    return this.compare(other) < 0;
  }

  isAbove(other: Decimal): boolean {
    return this.compare(other) > 0;
  }

  get isZero(): boolean {
    return this.digits === 0n;
  }

  get isNegative(): boolean {
    return this.digits < 0n;
  }

  min(other: Decimal): Decimal {
    return this.compare(other) <= 0 ? this : other;
  }

  max(other: Decimal): Decimal {
    return this.compare(other) >= 0 ? this : other;
  }

  /** Rounded to `scale` decimals (default DIVISION_SCALE), HALF_EVEN. The only operation that is not exact. */
  dividedBy(divisor: Decimal, scale = DIVISION_SCALE): Decimal {
    invariant(!divisor.isZero, 'nobody divides by zero');
    const shift = scale + divisor.scale - this.scale;
    const [up, down] = shift >= 0 ? [10n ** BigInt(shift), 1n] : [1n, 10n ** BigInt(-shift)];
    const digits = divideRounded(this.digits * up, divisor.digits * down, 'HALF_EVEN');
    return new Decimal(digits, scale);
  }

  /** How many whole `size` it takes to hold this: 0 takes none, 1 of 10 takes one. */
  ceiledBy(size: Decimal): bigint {
    invariant(size.digits > 0n, 'a package holds something');
    const scale = Math.max(this.scale, size.scale);
    const [digits, each] = [this.digitsAt(scale), size.digitsAt(scale)];
    return digits <= 0n ? 0n : (digits + each - 1n) / each;
  }

  isMultipleOf(size: Decimal): boolean {
    const scale = Math.max(this.scale, size.scale);
    return this.digitsAt(scale) % size.digitsAt(scale) === 0n;
  }

  round(scale: number, mode: RoundingMode): Decimal {
    if (this.scale <= scale) return this;
    const digits = divideRounded(this.digits, 10n ** BigInt(this.scale - scale), mode);
    return new Decimal(digits, scale);
  }

  /** The digits at `scale`, which is at least the own one. */
  digitsAt(scale: number): bigint {
    invariant(scale >= this.scale, 'digits are asked for at a scale that holds them');
    return scale === this.scale ? this.digits : this.digits * 10n ** BigInt(scale - this.scale);
  }

  /** Plain digits without trailing zeros: `0.0075`, `-12`, never an exponent. */
  toString(): string {
    const text = (this.digits < 0n ? -this.digits : this.digits)
      .toString()
      .padStart(this.scale + 1, '0');
    const whole = text.slice(0, text.length - this.scale);
    const places = text.slice(text.length - this.scale).replace(/0+$/, '');
    const sign = this.digits < 0n ? '-' : '';
    return places === '' ? `${sign}${whole}` : `${sign}${whole}.${places}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export type RoundingMode = 'HALF_EVEN' | 'HALF_UP';

/** Decimals of a quotient. Far more than an amount has, so that no later rounding sees the first. */
export const DIVISION_SCALE = 38;
/** Limits of prices, quantities and event values; beyond it a value is refused, never cut off. */
export const DECIMAL_DIGITS_MAX = 38;
export const DECIMAL_PLACES_MAX = 18;

const FORM = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Null for a text that is no plain decimal number, or has more digits than a value may have. */
export function parseDecimal(text: string): Decimal | null {
  const match = text.length > DECIMAL_DIGITS_MAX * 2 ? null : FORM.exec(text);
  if (!match) return null;
  const [, sign = '', whole = '', places = ''] = match;
  const kept = places.replace(/0+$/, '');
  const digits = `${whole}${kept}`.replace(/^0+(?=\d)/, '');
  if (kept.length > DECIMAL_PLACES_MAX || digits.length > DECIMAL_DIGITS_MAX) return null;
  const value = BigInt(digits);
  return Decimal.scaled(sign === '-' ? -value : value, kept.length);
}

/** For constants and tests: a text that is known to be a decimal number. */
export function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  invariant(value, `${text} is a decimal number`);
  return value;
}

export const sumOf = (values: Iterable<Decimal>): Decimal => {
  let sum = Decimal.ZERO;
  for (const value of values) sum = sum.plus(value);
  return sum;
};

function divideRounded(dividend: bigint, divisor: bigint, mode: RoundingMode): bigint {
  const isNegative = dividend < 0n !== divisor < 0n;
  const [a, b] = [abs(dividend), abs(divisor)];
  const [quotient, rest] = [a / b, a % b];
  const twice = rest * 2n;
  const isUp = twice > b || (twice === b && (mode === 'HALF_UP' || quotient % 2n === 1n));
  const rounded = isUp ? quotient + 1n : quotient;
  return isNegative ? -rounded : rounded;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
