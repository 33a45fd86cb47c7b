import {
  walletKey,
  type HotBalancesPort,
  type Settlement,
  type WalletKey,
} from '../../books/application/ports.js';
import type { TouchedWallets } from '../../books/application/shared-ports.js';

/** More hints than this are dropped; the turn over all wallets finds those. */
const HINTS_SIZE_MAX = 100_000;

/** A set of wallets that keeps the order in which they came. */
class Hints implements TouchedWallets {
  private readonly keys = new Map<string, WalletKey>();

  get size(): number {
    return this.keys.size;
  }

  add(key: WalletKey): void {
    if (this.keys.size < HINTS_SIZE_MAX) this.keys.set(walletKey(key), key);
  }

  take(limit: number): WalletKey[] {
    const taken: WalletKey[] = [];
    for (const [name, key] of this.keys) {
      if (taken.length === limit) break;
      taken.push(key);
      this.keys.delete(name);
    }
    return taken;
  }

  putBack(keys: readonly WalletKey[]): void {
    for (const key of keys) this.add(key);
  }
}

/**
 * Every change of a wallet ends in its hot balance, so the port that writes hot balances names the wallets that
 * changed. Listening here costs posting nothing but a map entry per wallet and batch.
 */
export class TouchingHotBalances implements HotBalancesPort {
  readonly forSealing = new Hints();
  readonly forReconciliation = new Hints();

  constructor(private readonly inner: HotBalancesPort) {}

  claim(...request: Parameters<HotBalancesPort['claim']>): ReturnType<HotBalancesPort['claim']> {
    return this.inner.claim(...request);
  }

  async confirm(settlements: readonly Settlement[]): Promise<void> {
    // Before Redis answers: a wallet whose hot balance could not be set is one to look at all the more.
    for (const { wallet } of settlements) {
      const key = { organizationId: wallet.organizationId, currency: wallet.currency };
      this.forSealing.add(key);
      this.forReconciliation.add(key);
    }
    await this.inner.confirm(settlements);
  }
}
