import type { ChannelQuantity, Granularity, UsageBucket } from '@orbit/contracts';

export interface Period {
  readonly organizationId: string;
  /** Half-open: charges that occurred at `toMs` are the next period's. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Quantities between two instants, over all currencies and units of a wallet. */
export interface UsagePeriods {
  total(period: Period): Promise<readonly ChannelQuantity[]>;
  /** UTC days or months that have usage, in order. */
  history(period: Period, granularity: Granularity): Promise<readonly UsageBucket[]>;
}

/** Longer than any report that is read: a wider one is a mistake. */
const PERIOD_MS_MAX = 3_700 * 86_400_000;

export type PeriodFault = 'from' | 'to';

/** Null when the period can be read; else which end is at fault. */
export function faultOf({ fromMs, toMs }: Period): PeriodFault | null {
  if (!Number.isFinite(fromMs)) return 'from';
  const isReadable = Number.isFinite(toMs) && toMs > fromMs && toMs - fromMs <= PERIOD_MS_MAX;
  return isReadable ? null : 'to';
}
