import { OrbitError, type GrantScheduleView } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import { formatAmount, micros } from '@orbit/money';
import {
  grantPeriod,
  periodReference,
  rollingPeriods,
  type GrantSchedule,
} from '../domain/grant-schedule.js';
import type { ScheduleRequest } from '../domain/schedule-terms.js';
import { isSameZone, periodAt, periodStart } from '../domain/grant-schedule-calendar.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { WalletKey } from '../../books/application/ports.js';
import type { AccountTimes } from '../../books/application/shared-ports.js';
import type { ScheduleAdvance, ScheduleRecord, ScheduleStore } from './schedule-ports.js';

/** Claimed at once: they are granted in a few group commits. */
const SCHEDULES_PER_CLAIM = 100;
/** A schedule that was down for longer goes on with the next claim, so that others get their turn. */
const PERIODS_PER_CLAIM = 50;

/** Grants that repeat: created and cancelled by operators, granted by a job. */
export class GrantSchedules {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly schedules: ScheduleStore,
    private readonly clock: Clock,
    private readonly accountTimes: AccountTimes,
    /** A period that could not be granted; it is tried again. */
    private readonly onFault: (scheduleId: string, error: unknown) => void,
  ) {}

  /** Of the account that the schedule is for. */
  nowMs({ organizationId }: WalletKey): Promise<number> {
    return this.accountTimes.nowMsOf(organizationId);
  }

  /** Once per wallet and reference. Errors: OrbitError `idempotency_key_conflict`. */
  async create(key: WalletKey, request: ScheduleRequest): Promise<GrantScheduleView> {
    const realMs = this.clock.nowMs();
    await this.changeWallet.open(key, null);
    const nowMs = await this.accountTimes.nowMsOf(key.organizationId);
    const anchorAtMs = request.anchorAtMs ?? nowMs;
    const calendar = { ...request, anchorAtMs };
    const firstPeriod = periodAt(calendar, nowMs);
    const wanted = {
      ...calendar,
      scheduleId: newId('sched', realMs),
      ...next(calendar, firstPeriod),
      createdAtMs: nowMs,
      cancelledAtMs: null,
    };
    const schedule = await this.schedules.create(key, wanted);
    if (!isSameRequest(schedule, request)) {
      throw new OrbitError(
        'idempotency_key_conflict',
        'This reference was used for another schedule; nothing was created.',
        { param: 'reference' },
      );
    }
    return scheduleView({ key, schedule });
  }

  async list(organizationId: string): Promise<GrantScheduleView[]> {
    return (await this.schedules.list(organizationId)).map(scheduleView);
  }

  /** Cancels the schedule. Credit already granted stays and expires as it would have. */
  async cancel(organizationId: string, scheduleId: string): Promise<GrantScheduleView> {
    const nowMs = await this.accountTimes.nowMsOf(organizationId);
    const record = await this.schedules.cancel(organizationId, scheduleId, nowMs);
    if (!record) throw new OrbitError('not_found', 'There is no such schedule.');
    return scheduleView(record);
  }

  /** Grants every period that has begun; answers how many. */
  async runDue(): Promise<number> {
    return this.grantAll(() => this.clock.nowMs(), null);
  }

  /** As `runDue`, of an account whose clock stands there. Errors: the first period that could not be granted. */
  async runAccount(accountId: string, nowMs: number): Promise<number> {
    return this.grantAll(() => nowMs, accountId);
  }

  private async grantAll(now: () => number, accountId: string | null): Promise<number> {
    let granted = 0;
    for (;;) {
      const nowMs = now();
      let isStuck = true;
      const claimed = await this.schedules.withDue(
        nowMs,
        SCHEDULES_PER_CLAIM,
        async (due) => {
          const advances = await Promise.all(due.map((record) => this.grantDue(record, nowMs)));
          for (const [index, advance] of advances.entries()) {
            const steps = advance.nextPeriod - (due[index]?.schedule.nextPeriod ?? 0);
            granted += steps;
            if (steps > 0) isStuck = false;
          }
          return advances;
        },
        accountId,
      );
      if (claimed === 0 || isStuck) return granted;
    }
  }

  /** The periods of one schedule that have begun, in their order. A fault stops this schedule alone. */
  private async grantDue(
    { key, schedule }: ScheduleRecord,
    nowMs: number,
  ): Promise<ScheduleAdvance> {
    const { scheduleId } = schedule;
    let at = { nextPeriod: schedule.nextPeriod, nextAtMs: schedule.nextAtMs };
    try {
      for (let count = 0; count < PERIODS_PER_CLAIM; count++) {
        if (at.nextAtMs === null || at.nextAtMs > nowMs) break;
        await this.grant(key, schedule, at.nextPeriod);
        at = next(schedule, at.nextPeriod + 1);
      }
    } catch (error) {
      this.onFault(scheduleId, error);
    }
    return { scheduleId, ...at };
  }

  private async grant(key: WalletKey, schedule: GrantSchedule, period: number): Promise<void> {
    const { scheduleId } = schedule;
    const earlier = rollingPeriods(schedule, period);
    const references = [...earlier, period - 1].map((one) => periodReference(scheduleId, one));
    await this.changeWallet.change({
      kind: 'change',
      key,
      reference: periodReference(scheduleId, period),
      reads: { references },
      apply: (draft, context) => grantPeriod(draft, schedule, period, context),
    });
  }
}

function next(
  schedule: Pick<GrantSchedule, 'cadence' | 'anchorAtMs' | 'timeZone' | 'endsAtMs'>,
  period: number,
): { nextPeriod: number; nextAtMs: number | null } {
  const startMs = periodStart(schedule, period);
  const isOver = schedule.endsAtMs !== null && startMs >= schedule.endsAtMs;
  return { nextPeriod: period, nextAtMs: isOver ? null : startMs };
}

/** An absent anchor is the moment of the first try, so a repeat may leave it out. */
function isSameRequest(schedule: GrantSchedule, request: ScheduleRequest): boolean {
  const { anchorAtMs, timeZone, ...terms } = request;
  const isSameAnchor = anchorAtMs === null || anchorAtMs === schedule.anchorAtMs;
  const names = Object.keys(terms) as (keyof typeof terms)[];
  return (
    isSameAnchor &&
    isSameZone(timeZone, schedule.timeZone) &&
    names.every((name) => schedule[name] === terms[name])
  );
}

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

function scheduleView({ key, schedule }: ScheduleRecord): GrantScheduleView {
  const { cancelledAtMs, nextAtMs } = schedule;
  return {
    id: schedule.scheduleId,
    organization_id: key.organizationId,
    currency: key.currency,
    reference: schedule.reference,
    state: cancelledAtMs !== null ? 'cancelled' : nextAtMs === null ? 'ended' : 'active',
    amount: formatAmount(schedule.amountMicros, key.currency),
    kind: schedule.kind,
    priority: schedule.priority,
    cost_basis: formatAmount(micros(schedule.costBasisMicros), key.currency),
    cadence: schedule.cadence,
    anchor_at: iso(schedule.anchorAtMs),
    time_zone: schedule.timeZone,
    expires: schedule.expiresWithPeriod ? 'period' : 'never',
    rollover_cap: formatAmount(schedule.rolloverCapMicros, key.currency),
    rollover_periods: schedule.rolloverPeriodsMax,
    ends_at: isoOrNull(schedule.endsAtMs),
    next_at: isoOrNull(nextAtMs),
    created_at: iso(schedule.createdAtMs),
    cancelled_at: isoOrNull(cancelledAtMs),
  };
}
