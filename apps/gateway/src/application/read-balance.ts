import { invariant } from '@orbit/kernel';
import { addMicros, parseAmount, type Micros } from '@orbit/money';
import type { BalanceReading } from '../domain/balance-view.js';
import type { HoldReader, Ledger, Principal } from './ports.js';

/** Besides the balance, what of it processes hold as leases. */
export interface WalletReading extends BalanceReading {
  readonly leasesOpen: number;
  readonly leasedMicros: Micros;
}

/** The balance of the books, and what open holds, leases, refunds and disputes take from it. */
export class ReadBalance {
  constructor(
    private readonly ledger: Ledger,
    private readonly holds: HoldReader,
  ) {}

  /**
   * Holds are read before the books: a charge posted in between is then counted twice for a
   * moment, so `available` may be too low but is never too high.
   */
  async run({ organizationId, currency }: Principal): Promise<WalletReading> {
    const ref = { organization_id: organizationId, currency };
    const heldMicros = await this.holds.readHeldMicros(organizationId, currency);
    const wallet = await this.ledger.readWallet(ref);
    invariant(wallet, `the organization ${organizationId} has a wallet in its currency`);
    return {
      currency,
      postedMicros: exact(wallet.balance),
      // What the ledger has set aside is held as well; it says so itself, whatever Redis remembers.
      heldMicros: addMicros(heldMicros, exact(wallet.escrowed)),
      pausedReason: wallet.outbound_block_reason,
      lastToppedUpAt: wallet.last_topped_up_at,
      leasesOpen: wallet.leases_open,
      leasedMicros: exact(wallet.leased),
    };
  }
}

function exact(amount: string): Micros {
  const parsed = parseAmount(amount);
  invariant(parsed.ok, 'the ledger answers exact decimal strings');
  return parsed.amountMicros;
}
