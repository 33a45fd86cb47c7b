import type { WalletKey, WalletReader } from './ports.js';

/** Publishes captures of one wallet again that are older than this and not settled; answers how many. */
export type RepublishUnsettled = (key: WalletKey, olderThanMs: number) => Promise<number>;

/** Far longer than a capture takes to come back through Kafka; a repeat is harmless anyway. */
const UNSETTLED_MS = 30_000;
const WALLETS_PER_RUN = 500;

/**
 * A caller that captured and died before `charge.requested` was acknowledged leaves money held that
 * nobody will charge. Redis kept the event, so it is published again; the charge id keeps it single.
 * Each run takes the next wallets in turn, so that the cost of a run is bounded.
 */
export class RepublishLostCaptures {
  private afterWalletNo = 0n;

  constructor(
    private readonly reader: WalletReader,
    private readonly republish: RepublishUnsettled,
  ) {}

  async run(): Promise<number> {
    const wallets = await this.reader.listWallets(this.afterWalletNo, WALLETS_PER_RUN);
    let count = 0;
    for (const { key } of wallets) count += await this.republish(key, UNSETTLED_MS);
    this.afterWalletNo = wallets.length < WALLETS_PER_RUN ? 0n : (wallets.at(-1)?.walletNo ?? 0n);
    return count;
  }
}
