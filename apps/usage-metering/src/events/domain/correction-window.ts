import { USAGE_GRACE_MS } from '@orbit/events';
import { Temporal } from 'temporal-polyfill';

/** The current billing period of a subscription. */
export interface BillingPeriod {
  readonly startMs: number;
  readonly endMs: number;
  readonly subscriptionStartMs: number;
  /** Day of the month on which periods begin, where the month has it. */
  readonly anchorDay: number;
  /** IANA name, of the customer. */
  readonly timezone: string;
}

/**
 * From when on events of a customer may be corrected: from the beginning of the current billing period, and within the
 * grace of the one before from the beginning of that. Of several subscriptions the widest counts: what another one has
 * billed already goes to its next invoice. Null: no subscription is active, so that no period limits it.
 */
export function correctableFromMs(periods: readonly BillingPeriod[], nowMs: number): number | null {
  if (periods.length === 0) return null;
  return Math.min(
    ...periods.map((period) =>
      nowMs < period.startMs + USAGE_GRACE_MS ? previousStartMs(period) : period.startMs,
    ),
  );
}

/** Not before the subscription: its first period has none before it. */
function previousStartMs(period: BillingPeriod): number {
  const { startMs, endMs, subscriptionStartMs, anchorDay, timezone } = period;
  const start = zoned(startMs, timezone);
  const { months, days } = start.until(zoned(endMs, timezone), { largestUnit: 'months' });
  const before = start.subtract(months > 0 ? { months } : { days });
  const anchored =
    months > 0 ? before.with({ day: Math.min(anchorDay, before.daysInMonth) }) : before;
  return Math.min(startMs, Math.max(anchored.epochMilliseconds, subscriptionStartMs));
}

const zoned = (ms: number, timezone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone);
