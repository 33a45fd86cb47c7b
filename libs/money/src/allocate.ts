import { invariant } from '@orbit/kernel';

/**
 * Splits `total` by integer weights so that the parts add up to it exactly: largest remainder,
 * ties to the earlier part. Works for negative totals by splitting the magnitude.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  if (total < 0n) return allocate(-total, weights).map((part) => -part);
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0n);
  invariant(
    weightSum > 0n && weights.every((weight) => weight >= 0n),
    'weights are not negative and not all zero',
  );
  const parts = weights.map((weight, index) => ({
    index,
    part: (total * weight) / weightSum,
    rest: (total * weight) % weightSum,
  }));
  let left = total - parts.reduce((sum, { part }) => sum + part, 0n);
  const byRest = [...parts].sort((a, b) =>
    a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1,
  );
  for (const entry of byRest) {
    if (left === 0n) break;
    entry.part += 1n;
    left -= 1n;
  }
  return parts.map(({ part }) => part);
}
