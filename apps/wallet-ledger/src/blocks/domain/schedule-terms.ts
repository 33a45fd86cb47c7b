import { OrbitError, type CreateGrantSchedule } from '@orbit/contracts';
import { micros, requireAmount, ZERO_MICROS } from '@orbit/money';
import { grantTerms } from './grant-terms.js';
import { readTimeZone } from './grant-schedule-calendar.js';
import type { GrantSchedule } from './grant-schedule.js';

/** Far enough for a schedule that was moved here from elsewhere; and no period of it passes the years that we store. */
const ANCHOR_DISTANCE_MS_MAX = 20 * 366 * 86_400_000;

/** The request for a new schedule; the rest follows. */
export type ScheduleRequest = Omit<
  GrantSchedule,
  | 'scheduleId'
  | 'walletNo'
  | 'anchorAtMs'
  | 'nextPeriod'
  | 'nextAtMs'
  | 'createdAtMs'
  | 'cancelledAtMs'
> & { readonly anchorAtMs: number | null };

/** Errors: OrbitError `invalid_field` where fields do not fit each other, or the time that it is. */
export function scheduleTerms(request: CreateGrantSchedule, nowMs: number): ScheduleRequest {
  const { amountMicros, kind, priority, reference, costBasisMicros } = grantTerms({
    amount: request.amount,
    kind: request.kind,
    reference: request.reference,
    ...(request.priority === undefined ? {} : { priority: request.priority }),
    ...(request.cost_basis === undefined ? {} : { cost_basis: request.cost_basis }),
  });
  const timeZone = readTimeZone(request.time_zone ?? 'UTC');
  if (timeZone === null) throw invalid('time_zone', 'time_zone is an IANA zone: Europe/Berlin.');
  const anchorAtMs = request.anchor_at === undefined ? null : Date.parse(request.anchor_at);
  if (anchorAtMs !== null && Math.abs(nowMs - anchorAtMs) > ANCHOR_DISTANCE_MS_MAX) {
    throw invalid('anchor_at', 'anchor_at is at most 20 years ago or ahead.');
  }
  const endsAtMs = request.ends_at === undefined ? null : Date.parse(request.ends_at);
  if (endsAtMs !== null && endsAtMs <= (anchorAtMs ?? nowMs)) {
    throw invalid('ends_at', 'ends_at is after anchor_at.');
  }
  return {
    reference,
    kind,
    priority,
    costBasisMicros: costBasisMicros ?? (kind === 'paid' ? 1_000_000n : 0n),
    amountMicros,
    cadence: request.cadence,
    anchorAtMs,
    timeZone,
    expiresWithPeriod: request.expires !== 'never',
    ...rolloverOf(request),
    endsAtMs,
  };
}

function rolloverOf({
  expires,
  rollover_cap: cap,
  rollover_periods: periods,
}: CreateGrantSchedule): Pick<ScheduleRequest, 'rolloverCapMicros' | 'rolloverPeriodsMax'> {
  const rolloverCapMicros = cap === undefined ? ZERO_MICROS : requireAmount(cap);
  if (expires === 'never' && (cap !== undefined || periods !== undefined)) {
    const param = cap === undefined ? 'rollover_periods' : 'rollover_cap';
    throw invalid(param, 'Credit that never expires does not roll over.');
  }
  if (periods !== undefined) return { rolloverCapMicros, rolloverPeriodsMax: periods };
  const rolloverPeriodsMax = rolloverCapMicros > 0n ? 1 : 0;
  return { rolloverCapMicros: micros(rolloverCapMicros), rolloverPeriodsMax };
}

const invalid = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });
