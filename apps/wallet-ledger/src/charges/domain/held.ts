import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import type { Charge } from '../../books/domain/wallet.js';

const BY_HOLD = 'hold';
const HELD = /^hold(?::([1-9]\d{0,15}))?$/;

/** `authorizedBy` of a charge that a hold in Redis covered: `hold`, or `hold:<micros>` of more than it. No lease has such an id. */
export const byHold = ({ heldMicros = ZERO_MICROS, amountMicros }: Charge): string =>
  heldMicros > amountMicros ? `${BY_HOLD}:${heldMicros}` : BY_HOLD;

/** The amount held for a charge of which this was booked; null when no hold covered it. */
export function heldOf(authorizedBy: string | null, amountMicros: Micros): Micros | null {
  const found = HELD.exec(authorizedBy ?? '');
  if (found === null) return null;
  return found[1] === undefined ? amountMicros : micros(BigInt(found[1]));
}
