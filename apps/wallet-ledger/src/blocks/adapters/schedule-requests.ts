import { GRANT_CADENCES, type CreateGrantSchedule } from '@orbit/contracts';
import { micros, ZERO_MICROS } from '@orbit/money';
import type { ScheduleRequest } from '../application/grant-schedules.js';
import { readTimeZone } from '../domain/grant-schedule-calendar.js';
import { invalid, readGrant, readInstant, readMicros } from '../../books/adapters/requests.js';

const ROLLOVER_PERIODS_MAX = 36;
/** Far enough for a schedule that was moved here from elsewhere; and no period of it passes the years that we store. */
const ANCHOR_DISTANCE_MS_MAX = 20 * 366 * 86_400_000;

/** Errors: OrbitError `invalid_field` with the name of the field. */
export function readSchedule(request: CreateGrantSchedule, nowMs: number): ScheduleRequest {
  const { amountMicros, kind, priority, reference, costBasisMicros } = readGrant({
    organization_id: request.organization_id,
    currency: request.currency,
    amount: request.amount,
    kind: request.kind,
    reference: request.reference,
    ...(request.priority === undefined ? {} : { priority: request.priority }),
    ...(request.cost_basis === undefined ? {} : { cost_basis: request.cost_basis }),
  });
  const cadence = GRANT_CADENCES.find((name) => name === request.cadence);
  if (!cadence) throw invalid('cadence', `cadence is one of ${GRANT_CADENCES.join(', ')}.`);
  const timeZone = readTimeZone(request.time_zone ?? 'UTC');
  if (timeZone === null) throw invalid('time_zone', 'time_zone is an IANA zone: Europe/Berlin.');
  const { expires = 'period' } = request;
  if (expires !== 'period' && expires !== 'never') {
    throw invalid('expires', 'expires is period or never.');
  }
  const anchorAtMs =
    request.anchor_at === undefined ? null : readInstant(request.anchor_at, 'anchor_at');
  if (anchorAtMs !== null && Math.abs(nowMs - anchorAtMs) > ANCHOR_DISTANCE_MS_MAX) {
    throw invalid('anchor_at', 'anchor_at is at most 20 years ago or ahead.');
  }
  const endsAtMs = request.ends_at === undefined ? null : readInstant(request.ends_at, 'ends_at');
  if (endsAtMs !== null && endsAtMs <= (anchorAtMs ?? nowMs)) {
    throw invalid('ends_at', 'ends_at is after anchor_at.');
  }
  return {
    reference,
    kind,
    priority,
    costBasisMicros: costBasisMicros ?? (kind === 'paid' ? 1_000_000n : 0n),
    amountMicros,
    cadence,
    anchorAtMs,
    timeZone,
    expiresWithPeriod: expires === 'period',
    ...readRollover(request, expires),
    endsAtMs,
  };
}

function readRollover(
  { rollover_cap: cap, rollover_periods: periods }: CreateGrantSchedule,
  expires: 'period' | 'never',
): Pick<ScheduleRequest, 'rolloverCapMicros' | 'rolloverPeriodsMax'> {
  const rolloverCapMicros = cap === undefined ? ZERO_MICROS : readMicros(cap, 'rollover_cap');
  if (expires === 'never' && (cap !== undefined || periods !== undefined)) {
    const param = cap === undefined ? 'rollover_periods' : 'rollover_cap';
    throw invalid(param, 'Credit that never expires does not roll over.');
  }
  if (periods === undefined) {
    const rolloverPeriodsMax = rolloverCapMicros > 0n ? 1 : 0;
    return { rolloverCapMicros: micros(rolloverCapMicros), rolloverPeriodsMax };
  }
  if (!Number.isInteger(periods) || periods < 0 || periods > ROLLOVER_PERIODS_MAX) {
    const range = `an integer from 0 to ${ROLLOVER_PERIODS_MAX}`;
    throw invalid('rollover_periods', `rollover_periods is ${range}.`);
  }
  return { rolloverCapMicros, rolloverPeriodsMax: periods };
}
