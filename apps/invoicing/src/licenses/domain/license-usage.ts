import { Decimal, decimal, FULL_PERIOD, quantityOf, sumOf, usageOf } from '@orbit/pricing';
import type { LicenseSpan, UsageAsk, UsageByKey } from '../../billing/domain/subscription.js';
import { chargesOf } from '../../timeline/domain/charges.js';
import { dateAt } from '../../timeline/domain/civil.js';
import type { Period } from '../../timeline/domain/cycle.js';
import { termsOf } from '../../timeline/domain/terms.js';
import type { PriceInterval, Timeline } from '../../timeline/domain/timeline.js';
import { daysOf } from '../../timeline/domain/windows.js';
import { isLicensed, licenseTypeOf, meet } from './license-pools.js';
import { LICENSE } from './split-usage.js';

/** Licenses of one type of a subscription, and the time that is asked about. */
export interface LicenseQuestion {
  readonly timeline: Timeline;
  readonly customerId: string;
  readonly typeId: string;
  readonly window: Period;
  readonly byDay: boolean;
  /** Together, or each by itself. */
  readonly byLicense: boolean;
  /** Those that are shown. */
  readonly shown: readonly LicenseSpan[];
  /** All of the type: they separate the usage. Oldest first. */
  readonly all: readonly LicenseSpan[];
}

/** Allocations to licenses and their use in a part of the window, in one currency or unit. */
export interface LicenseUsage extends Period {
  /** Null: of all that are shown. */
  readonly license: LicenseSpan | null;
  readonly unit: string;
  readonly allocated: Decimal;
  /** Used while the license counted. */
  readonly eligible: Decimal;
  /** Used while it did not. */
  readonly shared: Decimal;
}

const partsOf = ({ window, byDay, timeline }: LicenseQuestion): readonly Period[] =>
  byDay ? daysOf(window, timeline.timezone) : [window];

const keyOf = (part: Period, interval: PriceInterval): string =>
  `${interval.id}#${String(part.startMs)}`;

const usedIn = ({ timeline, typeId }: LicenseQuestion, part: Period): readonly PriceInterval[] =>
  timeline.prices.filter(({ price, ...span }) => isLicensed(price, typeId) && meet(span, part));

/** The questions to usage-metering for it. */
export function asksOfLicenses(question: LicenseQuestion): readonly UsageAsk[] {
  const { customerId, all } = question;
  return partsOf(question).flatMap((part) =>
    usedIn(question, part).flatMap((interval): readonly UsageAsk[] => {
      const { metricId, dimensions } = termsOf(interval.price);
      const property = licenseTypeOf(interval.price)?.grouping_key;
      if (metricId === null || property === undefined) return [];
      return [
        {
          ...{ key: keyOf(part, interval), intervalId: interval.id, metricId, dimensions },
          ...{ customerIds: interval.usageCustomerIds ?? [customerId], filter: interval.filter },
          startMs: Math.max(part.startMs, interval.startMs),
          endMs: Math.min(part.endMs, interval.endMs ?? part.endMs),
          licenses: { property, spans: all },
        },
      ];
    }),
  );
}

/** In the order of days, then of licenses. */
export function licenseUsage(
  question: LicenseQuestion,
  counted: UsageByKey,
): readonly LicenseUsage[] {
  const { shown, byLicense } = question;
  return partsOf(question).flatMap((part) =>
    unitsOf(question).flatMap((unit): readonly LicenseUsage[] => {
      const each = shown.map((license) => usageOfOne(question, counted, part, unit, license));
      if (byLicense) return each;
      const total = (of: (one: LicenseUsage) => Decimal): Decimal => sumOf(each.map(of));
      return [
        {
          ...{ ...part, license: null, unit, allocated: total(({ allocated }) => allocated) },
          eligible: total(({ eligible }) => eligible),
          shared: total(({ shared }) => shared),
        },
      ];
    }),
  );
}

function usageOfOne(
  question: LicenseQuestion,
  counted: UsageByKey,
  part: Period,
  unit: string,
  license: LicenseSpan,
): LicenseUsage {
  let [eligible, shared] = [Decimal.ZERO, Decimal.ZERO];
  // What somebody used without a license is shown with the latest one.
  const isLatest =
    question.all.findLast((one) => one.externalId === license.externalId) === license;
  for (const interval of usedIn(question, part)) {
    const { currency, model } = termsOf(interval.price);
    const property = licenseTypeOf(interval.price)?.grouping_key ?? '';
    if (currency !== unit) continue;
    const rows = (counted.get(keyOf(part, interval)) ?? []).filter(
      ({ values }) => values[property] === license.externalId,
    );
    const cost = (id: string | null): Decimal => {
      const quantity = quantityOf(rows.filter(({ values }) => values[LICENSE] === id));
      return model.rate(usageOf(quantity), FULL_PERIOD).amount;
    };
    eligible = eligible.plus(cost(license.id));
    if (isLatest) shared = shared.plus(cost(null));
  }
  const allocated = allocatedIn(question, part, unit, license);
  return { ...part, license, unit, allocated, eligible, shared };
}

/** Of every period of which a part lies in this one and in which the license counts. */
function allocatedIn(
  { timeline, typeId }: LicenseQuestion,
  part: Period,
  unit: string,
  license: LicenseSpan,
): Decimal {
  let total = Decimal.ZERO;
  for (const interval of timeline.prices) {
    if (licenseTypeOf(interval.price)?.id !== typeId || !meet(interval, part)) continue;
    for (const { currency, amount } of interval.licenseAllocations ?? []) {
      if (currency !== unit) continue;
      for (const charge of chargesOf(interval, timeline.timezone, part.startMs)) {
        if (charge.startMs >= part.endMs) break;
        if (meet(charge, part) && meet(license, charge)) total = total.plus(decimal(amount));
      }
    }
  }
  return total;
}

/**
 * The units that licenses of the type are given or use in the window; without any, the currency of the subscription.
 */
function unitsOf(question: LicenseQuestion): readonly string[] {
  const { timeline, typeId, window } = question;
  const active = timeline.prices.filter((interval) => meet(interval, window));
  const given = active
    .filter(({ price }) => licenseTypeOf(price)?.id === typeId)
    .flatMap(({ licenseAllocations = [] }) => licenseAllocations.map(({ currency }) => currency));
  const used = usedIn(question, window).map(({ price }) => termsOf(price).currency);
  const units = [...new Set([...given, ...used])];
  if (units.length > 0) return units;
  return [String((active[0] ?? timeline.prices[0])?.price['currency'] ?? 'USD')];
}

/** As the contract shows it. Dates are days of the customer; the last one is not in it. */
export const licenseUsageView = (
  usage: LicenseUsage,
  { typeId, timeline }: LicenseQuestion,
  subscriptionId: string,
  numberOf: (value: Decimal) => unknown,
): Readonly<Record<string, unknown>> => {
  const consumed = usage.eligible.plus(usage.shared);
  return {
    license_id: usage.license?.id ?? null,
    subscription_id: subscriptionId,
    license_type_id: typeId,
    external_license_id: usage.license?.externalId ?? null,
    start_date: dateAt(usage.startMs, timeline.timezone).toString(),
    end_date: dateAt(usage.endMs, timeline.timezone).toString(),
    allocated_credits: numberOf(usage.allocated),
    consumed_credits: numberOf(consumed),
    remaining_credits: numberOf(usage.allocated.minus(consumed)),
    pricing_unit: usage.unit,
    allocation_eligible_credits: numberOf(usage.eligible),
    shared_pool_credits: numberOf(usage.shared),
  };
};
