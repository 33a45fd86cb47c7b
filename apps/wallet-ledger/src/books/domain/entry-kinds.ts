import type { TakingReason } from '@orbit/contracts';
import type { Entry } from './wallet.js';

/**
 * Why an entry took money back that nobody spent; null when it did not. A charge spends, and credit that expires was
 * never paid back. A dispute takes when it opens, though the wallet gives only when it is lost: Stripe has the money
 * then. The condition of wallets/adapters/postgres-movements.ts says the same of a row.
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
    case 'transfer':
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

/** The accounts that these entries move money from or to; the index of READ_TAKEN names the same. */
const ACCOUNTS_OF_TAKING: ReadonlySet<Entry['from']> = new Set([
  'adjustments',
  'refunds',
  'disputes',
]);

/** Whether it says something of what was taken back of its block. */
export const isTaking = ({ blockSequence, from, to }: Entry): boolean =>
  blockSequence !== null && (ACCOUNTS_OF_TAKING.has(from) || ACCOUNTS_OF_TAKING.has(to));

/**
 * The spending entries among all that were booked under a charge: late usage brings expired credit back first, under
 * the same reference.
 */
export const spentOf = (entries: readonly Entry[]): readonly Entry[] =>
  entries.filter(({ type }) => type === 'spend');
