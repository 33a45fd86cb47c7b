import { PAYMENT_MINOR_MAX } from '@orbit/contracts';
import type { IsoCurrency } from '@orbit/money';
import type { AutoReloadTerms } from '../../topups/domain/reload-policy.js';
import { AMOUNT_MINOR_MIN } from '../../topups/domain/topup.js';

export type ReloadCeiling =
  | 'amount_per_payment'
  | 'amount_per_day'
  | 'amount_per_month'
  | 'reloads_per_day'
  | 'reloads_per_month';

/** Automatic payments since the start of the UTC day and month; those that failed or expired do not count. */
export interface ReloadUsage {
  readonly dayCount: number;
  readonly monthCount: number;
  readonly dayMinor: bigint;
  readonly monthMinor: bigint;
}

/** A policy that names no ceiling per day pays at most so many of its largest payments a day. */
export const DAY_PAYMENTS_MAX = 10n;

type Terms = Pick<
  AutoReloadTerms,
  | 'amountMinor'
  | 'targetMinor'
  | 'paymentMinorMax'
  | 'dayCountMax'
  | 'monthCountMax'
  | 'dayMinorMax'
  | 'monthMinorMax'
>;

/** The most that one payment takes: what the policy says, else what was configured to be paid: one step, or the target. */
export function paymentCeiling({ paymentMinorMax, targetMinor, amountMinor }: Terms): bigint {
  return paymentMinorMax ?? targetMinor ?? amountMinor;
}

/** The most that a UTC day takes. */
export function dayCeiling(terms: Terms): bigint {
  return terms.dayMinorMax ?? DAY_PAYMENTS_MAX * paymentCeiling(terms);
}

/**
 * As much of the wanted amount as the ceilings leave: whole steps, or what is payable of a target; zero when nothing
 * payable is left. Whoever has just switched it on (`isFresh`) has the gap in view: that first payment closes it, unless
 * the policy names the most that one payment takes. The day's ceiling holds for it too.
 */
export function withinCeilings(
  terms: Terms & { readonly currency: IsoCurrency; readonly isFresh: boolean },
  usage: ReloadUsage,
  wanted: bigint,
): { readonly amountMinor: bigint; readonly ceiling: ReloadCeiling | null } {
  const { dayCountMax, monthCountMax, monthMinorMax, paymentMinorMax, isFresh } = terms;
  if (monthCountMax !== null && usage.monthCount >= monthCountMax)
    return { amountMinor: 0n, ceiling: 'reloads_per_month' };
  if (dayCountMax !== null && usage.dayCount >= dayCountMax)
    return { amountMinor: 0n, ceiling: 'reloads_per_day' };
  const isBare = isFresh && paymentMinorMax === null;
  const least = BigInt(AMOUNT_MINOR_MIN[terms.currency]);
  const most = BigInt(PAYMENT_MINOR_MAX);
  const lefts: readonly (readonly [ReloadCeiling, bigint | null])[] = [
    // A target below what the provider takes is reached by the least that it does.
    ['amount_per_payment', isBare ? most : larger(paymentCeiling(terms), least)],
    ['amount_per_payment', most],
    ['amount_per_month', monthMinorMax === null ? null : monthMinorMax - usage.monthMinor],
    ['amount_per_day', dayCeiling(terms) - usage.dayMinor],
  ];
  // When several ceilings cut alike, the first is reported.
  let cut: { amountMinor: bigint; ceiling: ReloadCeiling | null } = {
    amountMinor: wanted,
    ceiling: null,
  };
  for (const [ceiling, left] of lefts) {
    const amountMinor = fitting(terms, wanted, left);
    if (amountMinor < cut.amountMinor) cut = { amountMinor, ceiling };
  }
  return cut;
}

/** The part of `wanted` that fits in what a ceiling leaves; zero when nothing payable does. */
function fitting(
  { targetMinor, amountMinor, currency }: Terms & { readonly currency: IsoCurrency },
  wanted: bigint,
  left: bigint | null,
): bigint {
  if (left === null || wanted <= left) return wanted;
  if (targetMinor === null) return left < 0n ? 0n : left - (left % amountMinor);
  const rest = left - (left % stepOf(currency));
  return rest < BigInt(AMOUNT_MINOR_MIN[currency]) ? 0n : rest;
}

/** Stripe takes three-decimal currencies in steps of ten minor units. */
const stepOf = (currency: IsoCurrency): bigint =>
  ['KWD', 'BHD', 'JOD', 'TND'].includes(currency) ? 10n : 1n;

export const payable = (minor: bigint, currency: IsoCurrency): bigint =>
  ceilDiv(minor, stepOf(currency)) * stepOf(currency);

export const ceilDiv = (value: bigint, divisor: bigint): bigint =>
  value <= 0n ? 0n : (value + divisor - 1n) / divisor;

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
