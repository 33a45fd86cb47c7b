import { OrbitError } from '@orbit/contracts';

export interface RenewalLimits {
  /** Renewed when less than this share of the last size is left. */
  readonly renewBelowShare: number;
  /** Renewed when less than this share of the lifetime is left. */
  readonly renewTimeShare: number;
  /** A renewal that comes sooner than this share of the lifetime after the last one doubles the size. */
  readonly growWithinShare: number;
  /** Waits between tries: the first, doubled each time up to the last. */
  readonly retryDelayMs: number;
  readonly retryDelayMsMax: number;
}

export const RENEWAL_LIMITS: RenewalLimits = {
  renewBelowShare: 0.25,
  renewTimeShare: 0.5,
  growWithinShare: 0.25,
  retryDelayMs: 100,
  retryDelayMsMax: 5_000,
};

/** A wallet that is almost empty is not asked for crumbs: below this part of the first size, for nothing. */
const ASKED_PARTS_MAX = 4;

/** The meaning of a failed renewal: ask again with the same reference, ask for less, or it is over. */
export type RenewalFault = 'unknown' | 'refused' | 'ended';

export function faultOf(error: unknown): RenewalFault {
  if (!(error instanceof OrbitError)) return 'unknown';
  switch (error.code) {
    case 'insufficient_funds':
    case 'outbound_paused':
      return 'refused';
    case 'conflict':
    case 'not_found':
    case 'invalid_api_key':
    case 'forbidden':
      return 'ended';
    default:
      return 'unknown';
  }
}

/**
 * How large the lease is to be, from how fast it was used: doubled when it ran dry soon after it was
 * filled, halved when most of a lifetime went by and most was left. In micros.
 */
export class LeaseSize {
  private current: number;
  private filledAtMs: number;

  constructor(
    private readonly min: number,
    private readonly max: number,
    private readonly limits: RenewalLimits,
    nowMs: number,
  ) {
    this.current = min;
    this.filledAtMs = nowMs;
  }

  get micros(): number {
    return this.current;
  }

  /** The amount to ask for now. */
  ask(left: number, ttlMs: number, nowMs: number): number {
    const sinceMs = nowMs - this.filledAtMs;
    const isDry = left < this.current * this.limits.renewBelowShare;
    if (isDry && sinceMs < ttlMs * this.limits.growWithinShare) {
      this.current = Math.min(this.max, this.current * 2);
    } else if (!isDry && left > this.current / 2) {
      this.current = Math.max(this.min, Math.floor(this.current / 2));
    }
    return Math.max(0, this.current - left);
  }

  filled(nowMs: number): void {
    this.filledAtMs = nowMs;
  }

  /** The wallet has not so much: the next try asks for half, soon for time alone. */
  shrink(asked: number): number {
    this.current = Math.max(this.min, Math.floor(this.current / 2));
    return asked <= this.min / ASKED_PARTS_MAX ? 0 : Math.floor(asked / 2);
  }
}
