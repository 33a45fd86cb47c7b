import { invariant } from '@orbit/kernel';
import { micros, parseAmount } from '@orbit/money';
import type { BalanceReading } from '../domain/balance-view.js';
import type { HotBalanceReader, Ledger, Principal } from './ports.js';

/** The balance of the books, and what open holds take from it. */
export class ReadBalance {
  constructor(
    private readonly ledger: Ledger,
    private readonly hotBalances: HotBalanceReader,
  ) {}

  /**
   * Holds are read before the books: a charge posted in between is then counted twice for a
   * moment, so `available` may be too low but is never too high.
   */
  async run({ organizationId, currency }: Principal): Promise<BalanceReading> {
    const ref = { organization_id: organizationId, currency };
    const hot = await this.hotBalances.read(ref);
    const wallet = await this.ledger.readWallet(ref);
    invariant(wallet, `the organization ${organizationId} has a wallet in its currency`);
    const balance = parseAmount(wallet.balance);
    invariant(balance.ok, 'the ledger answers exact decimal strings');
    return {
      currency,
      postedMicros: balance.amountMicros,
      heldMicros: hot?.heldMicros ?? micros(0n),
      pausedReason: wallet.outbound_block_reason,
      lastToppedUpAt: wallet.last_topped_up_at,
    };
  }
}
