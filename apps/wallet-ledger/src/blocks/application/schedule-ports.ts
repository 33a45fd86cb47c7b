import type { GrantSchedule } from '../domain/grant-schedule.js';
import type { WalletKey } from '../../books/application/ports.js';

/** A schedule and the wallet that it grants to. */
export interface ScheduleRecord {
  readonly key: WalletKey;
  readonly schedule: GrantSchedule;
}

/** How far a schedule has come. */
export interface ScheduleAdvance {
  readonly scheduleId: string;
  readonly nextPeriod: number;
  readonly nextAtMs: number | null;
}

export interface ScheduleStore {
  /** Creates it once per wallet and reference; answers the one that stands there. The wallet is open. */
  create(key: WalletKey, schedule: Omit<GrantSchedule, 'walletNo'>): Promise<GrantSchedule>;
  /** Newest first, of all wallets of the organization. */
  list(organizationId: string): Promise<readonly ScheduleRecord[]>;
  /** Null when there is no such schedule. One that is cancelled stays as it is. */
  cancel(
    organizationId: string,
    scheduleId: string,
    cancelledAtMs: number,
  ): Promise<ScheduleRecord | null>;
  /**
   * Claims schedules that are due, so that no other instance takes them meanwhile, and keeps how far `work`
   * brought them. A crash gives them back; what was granted is found by its reference.
   */
  withDue(
    nowMs: number,
    limit: number,
    work: (due: readonly ScheduleRecord[]) => Promise<readonly ScheduleAdvance[]>,
    /** Of this account; null of all that follow real time. */
    accountId?: string | null,
  ): Promise<number>;
}
