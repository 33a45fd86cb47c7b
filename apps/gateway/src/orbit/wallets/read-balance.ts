import type { WalletView } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import { addMicros, requireAmount, ZERO_MICROS, type Micros } from '@orbit/money';
import type { BalanceReading } from './balance-view.js';
import type { CaughtUp } from './caught-up.js';
import type { Principal, Wallets } from '../../edge/ports.js';

/** Besides the balance, what of it processes hold as leases. */
export interface WalletReading extends BalanceReading {
  readonly leasesOpen: number;
  readonly leasedMicros: Micros;
}

/** The balance of the books, and the part that open holds, leases, refunds, disputes and usage on no invoice take. */
export class ReadBalance {
  constructor(
    private readonly wallets: Wallets,
    private readonly caughtUp: CaughtUp,
    private readonly clock: Clock,
  ) {}

  /**
   * Balance and holds are those of one moment in Redis, not older than the books: the answer can be spent, and no
   * charge counts twice while it is posted. Where Redis does not have the wallet the books speak alone; where it
   * stays behind, or credit has begun or expired since, the books count, and Redis' holds, of which some may be
   * posted already: `available` is then too low, never too high.
   */
  async run(principal: Principal): Promise<WalletReading> {
    const { currency } = principal;
    const known = await this.readBooks(principal);
    const hot = await this.caughtUp.read(principal, known);
    const validUntilMs = hot?.validUntilMs ?? null;
    const isOver = validUntilMs !== null && validUntilMs <= this.clock.nowMs();
    // Asked after the holds were: a charge that is posted meanwhile counts twice rather than not at all.
    const wallet = isOver ? await this.readBooks(principal) : known;
    const current = hot?.isBehind || isOver ? null : hot;
    const escrowedMicros = current?.escrowedMicros ?? requireAmount(wallet.escrowed);
    return {
      currency,
      postedMicros: current?.postedMicros ?? requireAmount(wallet.balance),
      // What the ledger has set aside is held as well.
      heldMicros: addMicros(hot?.heldMicros ?? ZERO_MICROS, escrowedMicros),
      pausedReason: wallet.outbound_block_reason,
      lastToppedUpAt: wallet.last_topped_up_at,
      leasesOpen: wallet.leases_open,
      leasedMicros: requireAmount(wallet.leased),
    };
  }

  private async readBooks({ organizationId, currency }: Principal): Promise<WalletView> {
    const wallet = await this.wallets.read({ organization_id: organizationId, currency });
    invariant(wallet, `the organization ${organizationId} has a wallet in its currency`);
    return wallet;
  }
}
