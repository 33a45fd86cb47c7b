import { invariant } from '@orbit/kernel';

/** numerator / denominator to an integer, ties to even: wallet amounts. `denominator` > 0. */
export function roundHalfEven(numerator: bigint, denominator: bigint): bigint {
  const { floor, twiceRest } = split(numerator, denominator);
  if (twiceRest > denominator || (twiceRest === denominator && floor % 2n !== 0n))
    return floor + 1n;
  return floor;
}

/** numerator / denominator to an integer, ties away from zero: tax and invoice cents. `denominator` > 0. */
export function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (numerator < 0n) return -roundHalfUp(-numerator, denominator);
  const { floor, twiceRest } = split(numerator, denominator);
  return twiceRest >= denominator ? floor + 1n : floor;
}

function split(numerator: bigint, denominator: bigint): { floor: bigint; twiceRest: bigint } {
  invariant(denominator > 0n, 'a denominator is positive');
  let floor = numerator / denominator;
  let rest = numerator % denominator;
  if (rest < 0n) {
    floor -= 1n;
    rest += denominator;
  }
  return { floor, twiceRest: rest * 2n };
}
