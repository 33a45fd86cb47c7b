import { Decimal } from '@orbit/pricing';
import type { FunctionName } from './expression.js';
import { compareValues, toNumber, toText, type Value } from './values.js';

const HOUR_MS = 3_600_000n;
const DAY_MS = 24n * HOUR_MS;
/** Characters of a text that is put together. */
const TEXT_LENGTH_MAX = 65_536;
const PLACES_MAX = 38n;

/** Functions of a metric: pure, and null where their argument is of no use. */
export function callFunction(name: FunctionName, values: readonly Value[]): Value {
  const [first = null, second = null] = values;
  switch (name) {
    case 'coalesce':
      return values.find((value) => value !== null) ?? null;
    case 'nullif':
      return compareValues(first, second) === 0 ? null : first;
    case 'greatest':
      return extreme(values, 1);
    case 'least':
      return extreme(values, -1);
    case 'lower':
      return toText(first)?.toLowerCase() ?? null;
    case 'upper':
      return toText(first)?.toUpperCase() ?? null;
    case 'trim':
      return toText(first)?.replace(/^ +| +$/g, '') ?? null;
    case 'length': {
      const text = toText(first);
      return text === null ? null : Decimal.of(Array.from(text).length);
    }
    case 'concat': {
      if (values.includes(null)) return null;
      const text = values.map(toText).join('');
      return text.length > TEXT_LENGTH_MAX ? null : text;
    }
    default:
      return callOnNumbers(name, toNumber(first), second);
  }
}

function callOnNumbers(name: FunctionName, number: Decimal | null, second: Value): Value {
  if (!number) return null;
  switch (name) {
    case 'abs':
      return number.isNegative ? number.negated() : number;
    case 'floor':
      return floor(number);
    case 'ceil':
      return floor(number.negated()).negated();
    case 'hour_floor_timestamp_millis':
      return floorTo(number, HOUR_MS);
    case 'day_floor_timestamp_millis':
      return floorTo(number, DAY_MS);
    case 'mod': {
      const divisor = toNumber(second);
      return divisor && !divisor.isZero ? remainder(number, divisor) : null;
    }
    default: {
      // As PostgreSQL rounds numerics: half away from zero.
      const places = second === null ? Decimal.ZERO : toNumber(second);
      if (!places || places.scale > 0 || places.isNegative || places.digits > PLACES_MAX)
        return null;
      return number.round(Number(places.digits), 'HALF_UP');
    }
  }
}

function extreme(values: readonly Value[], sign: 1 | -1): Value {
  let best: Value = null;
  for (const value of values) {
    if (value === null) continue;
    const order = best === null ? sign : compareValues(value, best);
    if (order !== null && order * sign > 0) best = value;
  }
  return best;
}

function floor(number: Decimal): Decimal {
  const unit = 10n ** BigInt(number.scale);
  const whole = number.digits / unit;
  const isBelow = number.digits < 0n && whole * unit !== number.digits;
  return Decimal.of(isBelow ? whole - 1n : whole);
}

function floorTo(number: Decimal, unit: bigint): Decimal {
  const whole = floor(number).digits;
  return Decimal.of(whole - (((whole % unit) + unit) % unit));
}

/** With the sign of the dividend, as in SQL. */
function remainder(number: Decimal, divisor: Decimal): Decimal {
  const scale = Math.max(number.scale, divisor.scale);
  return Decimal.scaled(number.digitsAt(scale) % divisor.digitsAt(scale), scale);
}
