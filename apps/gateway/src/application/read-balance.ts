import { invariant } from '@orbit/kernel';
import { parseAmount } from '@orbit/money';
import type { BalanceReading } from '../domain/balance-view.js';
import type { HoldReader, Ledger, Principal } from './ports.js';

/** The balance of the books, and what open holds take from it. */
export class ReadBalance {
  constructor(
    private readonly ledger: Ledger,
    private readonly holds: HoldReader,
  ) {}

  /**
   * Holds are read before the books: a charge posted in between is then counted twice for a
   * moment, so `available` may be too low but is never too high.
   */
  async run({ organizationId, currency }: Principal): Promise<BalanceReading> {
    const ref = { organization_id: organizationId, currency };
    const heldMicros = await this.holds.readHeldMicros(organizationId, currency);
    const wallet = await this.ledger.readWallet(ref);
    invariant(wallet, `the organization ${organizationId} has a wallet in its currency`);
    const balance = parseAmount(wallet.balance);
    invariant(balance.ok, 'the ledger answers exact decimal strings');
    return {
      currency,
      postedMicros: balance.amountMicros,
      heldMicros,
      pausedReason: wallet.outbound_block_reason,
      lastToppedUpAt: wallet.last_topped_up_at,
    };
  }
}
