import type { Currency } from '@orbit/money';
import type { Clock } from '@orbit/kernel';
import { walletKeyOf } from '../redis/keys.js';
import type { LoadedWallet, WalletLoader } from '../types.js';

/** While a wallet cannot be served, the ledger is asked for it this often, not once per authorization. */
const RECOVERING_MS = 100;
const KEPT_SIZE_MAX = 10_000;

interface Kept {
  readonly wallet: LoadedWallet;
  readonly untilMs: number;
}

/** Loads a wallet once for all callers that found it missing. */
export class WalletLoads {
  private readonly running = new Map<string, Promise<LoadedWallet | null>>();
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly loader: WalletLoader,
    private readonly clock: Clock,
  ) {}

  /** Rejects when the ledger does not answer. */
  load(organizationId: string, currency: Currency): Promise<LoadedWallet | null> {
    const key = walletKeyOf(organizationId, currency);
    const kept = this.kept.get(key);
    if (kept && kept.untilMs > this.clock.nowMs()) return Promise.resolve(kept.wallet);
    const running = this.running.get(key);
    if (running) return running;
    const load = this.loader
      .load(organizationId, currency)
      .then((wallet) => {
        if (wallet?.isRecovering) this.keep(key, wallet);
        return wallet;
      })
      .finally(() => this.running.delete(key));
    this.running.set(key, load);
    return load;
  }

  /** The answer for a wallet whose Redis is unavailable: the terms of an outage, asked now and then. */
  async readTerms(organizationId: string, currency: Currency): Promise<LoadedWallet | null> {
    const wallet = await this.load(organizationId, currency);
    if (wallet) this.keep(walletKeyOf(organizationId, currency), wallet);
    return wallet;
  }

  private keep(key: string, wallet: LoadedWallet): void {
    if (this.kept.size >= KEPT_SIZE_MAX) this.kept.clear();
    this.kept.set(key, { wallet, untilMs: this.clock.nowMs() + RECOVERING_MS });
  }
}
