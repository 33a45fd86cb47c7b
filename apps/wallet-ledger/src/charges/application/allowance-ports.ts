import type { Currency, Micros } from '@orbit/money';
import type { WalletKey } from '../../books/application/ports.js';

/** How a charge stands in the books, in whichever wallet of its organization. */
export interface BookedCharge {
  readonly organizationId: string;
  readonly chargeId: string;
  readonly currency: Currency;
  readonly status: 'booked' | 'rejected';
  readonly amountMicros: Micros;
  /** Null of a rejected one, whose metadata nobody keeps either. */
  readonly channel: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The allowances of organizations: wallets whose unit is one that plans include. */
export interface Allowances {
  /** Whether the organization ever had one; from memory. Up to a few seconds late for its very first. */
  has(organizationId: string): boolean;
  /** The spendable amount of one now: holds are taken off. Zero when it cannot be read. */
  availableMicros(key: WalletKey): Promise<Micros>;
  /** Those of the charges that are in the books. One statement. */
  findBooked(
    charges: readonly { readonly organizationId: string; readonly chargeId: string }[],
  ): Promise<readonly BookedCharge[]>;
}
