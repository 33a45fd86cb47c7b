import type { Wallet } from '../domain/wallet.js';

/** About 1 kB each. */
const WALLETS_MAX = 50_000;

/**
 * Wallets as this process committed them last, so that a batch need not read them again. Only a guess:
 * every write is fenced by version, so a stale one costs a second try, never money. Oldest leave first.
 */
export class WalletCache {
  private readonly wallets = new Map<string, Wallet>();

  get(key: string): Wallet | undefined {
    return this.wallets.get(key);
  }

  put(key: string, wallet: Wallet): void {
    this.wallets.delete(key);
    // The clock of its account is read with it, in the transaction that decides.
    if ((wallet.standsAtMs ?? null) !== null) return;
    this.wallets.set(key, wallet);
    if (this.wallets.size <= WALLETS_MAX) return;
    const [oldest] = this.wallets.keys();
    if (oldest !== undefined) this.wallets.delete(oldest);
  }

  drop(keys: Iterable<string>): void {
    for (const key of keys) this.wallets.delete(key);
  }
}
