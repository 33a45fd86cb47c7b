import { invariant } from '@orbit/kernel';

export interface RetryPolicy {
  /** Runs of one batch before its partition rests. */
  readonly attemptsMax: number;
  readonly delayMsFirst: number;
  readonly delayMsMax: number;
}

/**
 * Short, because the other partitions of a fetch wait meanwhile: about three seconds in all. What takes
 * longer to repair is worth a rest of the partition (`restMs` of KafkaBatchServer), which blocks nobody.
 */
export const RETRY_POLICY: RetryPolicy = { attemptsMax: 5, delayMsFirst: 100, delayMsMax: 2_000 };

export function checkRetryPolicy(policy: RetryPolicy): RetryPolicy {
  invariant(policy.attemptsMax >= 1, 'a batch is tried at least once');
  invariant(policy.delayMsFirst <= policy.delayMsMax, 'the first delay is within the longest');
  return policy;
}

/**
 * Wait before run `attempt` + 1: doubles, up to the maximum, of which the upper half is drawn by `random`
 * (0 ≤ random < 1), so that instances that failed together do not come back together.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number {
  const fullMs = Math.min(policy.delayMsMax, policy.delayMsFirst * 2 ** (attempt - 1));
  return Math.round(fullMs / 2 + (fullMs / 2) * random);
}
