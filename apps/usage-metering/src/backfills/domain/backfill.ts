export type BackfillStatus = 'pending' | 'reflected' | 'pending_revert' | 'reverted';

/** A set of events that becomes visible at once, and can be taken back. Times are account time. */
export interface Backfill {
  readonly id: string;
  readonly accountId: string;
  /** Null: of all customers. */
  readonly customerId: string | null;
  readonly status: BackfillStatus;
  readonly timeframeStart: Date;
  readonly timeframeEnd: Date;
  readonly replacesExisting: boolean;
  /** Which of the existing events it replaces; null: all of them. */
  readonly deprecationFilter: string | null;
  readonly closeTime: Date;
  readonly createdAt: Date;
  readonly revertedAt: Date | null;
  readonly eventsIngested: bigint;
  readonly position: bigint;
}

/** Whether it takes events now. */
export const isOpen = ({ status, closeTime }: Backfill, nowMs: number): boolean =>
  status === 'pending' && closeTime.getTime() > nowMs;
