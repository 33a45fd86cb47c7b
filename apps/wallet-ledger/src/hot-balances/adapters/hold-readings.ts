import type { Clock } from '@orbit/kernel';
import { gauge } from '@orbit/metrics';
import { countHolds } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { WalletReader } from '../../books/application/ports.js';

const WALLETS_PER_RUN = 500;

/** Counts holds and captures of the wallets in turn, so that a run costs the same however many there are. */
export class HoldReadings {
  private afterWalletNo = 0n;
  private open = 0;
  private captured = 0;

  constructor(
    private readonly redis: Redis,
    private readonly reader: Pick<WalletReader, 'listWallets'>,
    private readonly clock: Clock,
  ) {}

  /** The gauges move when every wallet has been counted. Returns 0: nothing is done to anything. */
  async run(): Promise<number> {
    const wallets = await this.reader.listWallets(this.afterWalletNo, WALLETS_PER_RUN);
    const keys = wallets.map(({ key }) => key);
    const { open, captured } = await countHolds(this.redis, keys, this.clock.nowMs());
    this.open += open;
    this.captured += captured;
    this.afterWalletNo = wallets.at(-1)?.walletNo ?? 0n;
    if (wallets.length === WALLETS_PER_RUN) return 0;
    gauge('orbit_holds_open').set(this.open);
    gauge('orbit_captures_unsettled').set(this.captured);
    [this.afterWalletNo, this.open, this.captured] = [0n, 0, 0];
    return 0;
  }
}
