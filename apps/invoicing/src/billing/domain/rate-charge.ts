import {
  Decimal,
  decimal,
  FULL_PERIOD,
  portionOf,
  usageOf,
  type Fraction,
  type RatedLine,
  type Usage,
} from '@orbit/pricing';
import { civilDays } from '../../timeline/domain/civil.js';
import type { Charge } from '../../timeline/domain/charges.js';

/** A charge with its price applied to its usage or quantity: exact, in the currency or unit of its price. */
export interface RatedCharge {
  readonly charge: Charge;
  readonly usage: Usage;
  readonly quantity: Decimal;
  readonly amount: Decimal;
  readonly lines: readonly RatedLine[];
  /** The part that allocations to licenses paid: the amount is without it. */
  readonly licensed?: Decimal;
}

/** `usage`: of the part of the period, split by the price's dimensions; not looked at for fixed fees. */
export function rateCharge(charge: Charge, usage: Usage, timezone: string): RatedCharge {
  return charge.terms.kind === 'fixed'
    ? rateFee(charge, timezone)
    : rateUsage(charge, usage, timezone);
}

function rateUsage(charge: Charge, usage: Usage, timezone: string): RatedCharge {
  const terms = { ...FULL_PERIOD, proration: fractionOf(charge, charge, timezone) };
  const rating = charge.terms.model.rate(usage, terms);
  const { amount, lines, quantity } = rating;
  return { charge, amount, lines, usage, quantity };
}

/** A fee counts by civil days: each quantity for as many of them as it stood. */
function rateFee(charge: Charge, timezone: string): RatedCharge {
  const segments = segmentsOf(charge);
  const rated = segments.map(({ quantity, ...part }) => {
    const rating = charge.terms.model.rate(usageOf(quantity), FULL_PERIOD);
    const isOnce = charge.terms.cycle === null;
    const amount = isOnce
      ? rating.amount
      : portionOf(rating.amount, fractionOf(charge, part, timezone));
    return { amount, rating };
  });
  const last = rated.at(-1);
  const amount = rated.reduce((sum, each) => sum.plus(each.amount), Decimal.ZERO);
  const isWhole =
    segments.length === 1 && last !== undefined && last.amount.equals(last.rating.amount);
  return {
    ...{ charge, amount, lines: isWhole ? last.rating.lines : [] },
    usage: [],
    quantity: segments.at(-1)?.quantity ?? Decimal.ZERO,
  };
}

interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  readonly quantity: Decimal;
}

/** The parts of a charge in which its quantity stood still. */
export function segmentsOf({ interval, startMs, endMs }: Charge): readonly Segment[] {
  return interval.steps.flatMap(({ fromMs, quantity }, index) => {
    const start = index === 0 ? startMs : Math.max(fromMs, startMs);
    const end = Math.min(interval.steps[index + 1]?.fromMs ?? endMs, endMs);
    return start < end ? [{ startMs: start, endMs: end, quantity: decimal(quantity) }] : [];
  });
}

/** Civil days of a part, of the days of the whole period. */
export function fractionOf(
  { period }: Charge,
  part: { readonly startMs: number; readonly endMs: number },
  timezone: string,
): Fraction {
  const isWhole = part.startMs === period.startMs && part.endMs === period.endMs;
  if (isWhole) return { numerator: 1n, denominator: 1n };
  const whole = civilDays(period.startMs, period.endMs, timezone);
  const days = civilDays(part.startMs, part.endMs, timezone);
  if (days === whole || whole === 0) return { numerator: 1n, denominator: 1n };
  return { numerator: BigInt(days), denominator: BigInt(whole) };
}
