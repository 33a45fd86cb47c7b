import { OrbitError } from '@orbit/contracts';
import { micros, type Micros } from '@orbit/money';
import type { LeaseMicros } from './spend-lease-ports.js';

/** A price in the unit of leases; convert once, not once per send. Refuses what a double would round. */
export function leaseMicros(amountMicros: Micros): LeaseMicros {
  const amount = Number(amountMicros);
  if (amount > 0 && Number.isSafeInteger(amount)) return amount as LeaseMicros;
  throw new OrbitError(
    'invalid_field',
    'A lease counts amounts above zero and below 2^53 micros.',
    {
      param: 'amount',
    },
  );
}

export const toMicros = (amount: number): Micros => micros(BigInt(amount));
