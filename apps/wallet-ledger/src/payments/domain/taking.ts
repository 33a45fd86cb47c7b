import type { TakingReason } from '@orbit/contracts';
import type { Entry } from '../../books/domain/wallet.js';

/**
 * Why an entry took money back that nobody spent; null when it did not. A charge spends, and credit that expires was
 * never paid back. A dispute takes when it opens, though the wallet gives only when it is lost: Stripe has the money
 * then. The condition of outbound/postgres-movements.ts says the same of a row.
 */
export function takingOf({ type, from, to }: Entry): TakingReason | null {
  if (type === 'dispute' && to === 'stripe_clearing') return 'dispute';
  if (from !== 'wallet' || to === 'wallet') return null;
  return reasonOf(type);
}

/** Of an entry that takes from the wallet. */
export function reasonOf(type: Entry['type']): TakingReason | null {
  switch (type) {
    case 'spend':
    case 'expiry':
      return null;
    case 'refund':
    case 'dispute':
    case 'void':
    case 'amendment':
      return type;
    default:
      return 'adjustment';
  }
}
