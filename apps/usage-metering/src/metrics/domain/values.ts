import { Decimal, parseDecimal } from '@orbit/pricing';

/** A point in time, so that it is not taken for a number. */
export class Instant {
  constructor(readonly ms: number) {}
}

/** Value of an expression for one event. Null: it has none, as in SQL. */
export type Value = string | boolean | Decimal | Instant | null;

/** Decimals of a quotient, HALF_EVEN. */
export const QUOTIENT_PLACES = 18;
/** A product that grows past this is no value any more: no event needs it, and each digit costs time. */
const DIGITS_MAX = 10n ** 200n;
const PLACES_MAX = 200;

const NUMBER = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/;

/** The one rule by which a text is a number: digits, point, exponent; at most 38 digits and 18 decimals. */
export function numberOfText(text: string): Decimal | null {
  if (text.length > 100) return null;
  const match = NUMBER.exec(text);
  if (!match) return null;
  const [, sign = '', whole = '', places = '', exponent = '0'] = match;
  if (whole === '' && places === '') return null;
  const minus = sign === '-' ? '-' : '';
  return parseDecimal(`${minus}${shifted(whole, places, Number(exponent))}`);
}

/** Plain digits of `whole.places × 10^exponent`. */
function shifted(whole: string, places: string, exponent: number): string {
  const digits = `${whole}${places}`;
  const point = whole.length + exponent;
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${digits}${'0'.repeat(point - digits.length)}`;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A property as an event carries it. JSON numbers are exact: others are refused where they come in. */
export function valueOfProperty(property: string | number | boolean | undefined): Value {
  if (property === undefined) return null;
  if (typeof property !== 'number') return property;
  return Number.isSafeInteger(property) ? Decimal.of(property) : numberOfText(String(property));
}

/** Null where it is no number: such a value does not count. */
export function toNumber(value: Value): Decimal | null {
  if (value instanceof Decimal) return value;
  return typeof value === 'string' ? numberOfText(value) : null;
}

/** As a group or in COUNT(DISTINCT …). */
export function toText(value: Value): string | null {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof Instant) return new Date(value.ms).toISOString();
  return String(value);
}

const TRUTHS: Readonly<Record<string, boolean>> = {
  ...{ true: true, t: true, yes: true, on: true, '1': true },
  ...{ false: false, f: false, no: false, off: false, '0': false },
};

export function toTruth(value: Value): boolean | null {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' ? (TRUTHS[value.trim().toLowerCase()] ?? null) : null;
}

/**
 * Below 0, 0 or above 0; null where they cannot be compared. Numbers are compared with texts that are numbers, instants
 * with texts that are ISO 8601 (UTC), truths with texts of truths, texts by their characters.
 */
export function compareValues(left: Value, right: Value): number | null {
  if (left === null || right === null) return null;
  if (typeof left === 'string' && typeof right === 'string') {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (left instanceof Instant || right instanceof Instant) {
    return difference(instantMs(left), instantMs(right));
  }
  if (typeof left === 'boolean' || typeof right === 'boolean') {
    const [a, b] = [toTruth(left), toTruth(right)];
    return a === null || b === null ? null : Number(a) - Number(b);
  }
  const [a, b] = [toNumber(left), toNumber(right)];
  return a && b ? a.compare(b) : null;
}

const difference = (a: number, b: number): number | null =>
  Number.isNaN(a) || Number.isNaN(b) ? null : a - b;

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

function instantMs(value: Value): number {
  if (value instanceof Instant) return value.ms;
  const match = typeof value === 'string' ? ISO.exec(value) : null;
  if (!match || typeof value !== 'string') return Number.NaN;
  const text = value.replace(' ', 'T');
  return Date.parse(text.length > 10 && match[1] === undefined ? `${text}Z` : text);
}

/** Null where a number grows past all use. */
export function bounded(number: Decimal): Decimal | null {
  const digits = number.digits < 0n ? -number.digits : number.digits;
  return digits > DIGITS_MAX || number.scale > PLACES_MAX ? null : number;
}

/** Characters of a LIKE pattern. */
export const PATTERN_LENGTH_MAX = 200;

/** LIKE: % is any text, _ any character. No regular expression, so no pattern takes long. */
export function isLike(text: string, pattern: string): boolean {
  let [at, star, from] = [0, -1, 0];
  let p = 0;
  while (at < text.length) {
    if (pattern[p] === '%') {
      star = p++;
      from = at;
    } else if (p < pattern.length && (pattern[p] === '_' || pattern[p] === text[at])) {
      p++;
      at++;
    } else if (star >= 0) {
      p = star + 1;
      at = ++from;
    } else return false;
  }
  while (pattern[p] === '%') p++;
  return p === pattern.length;
}
