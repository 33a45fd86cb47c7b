import type { Logger } from '@orbit/runtime';
import type { ChangeWallet } from '../application/change-wallet.js';

const WALLETS_PER_SWEEP = 500;

/** Books expired credit on an interval. One sweep at a time; a failed one is tried again at the next tick. */
export class ExpirySweeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly intervalMs: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.sweep());
    }, this.intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async sweep(): Promise<void> {
    try {
      const swept = await this.changeWallet.sweepExpired(WALLETS_PER_SWEEP);
      if (swept > 0) this.logger.info({ wallets: swept }, 'expired credit booked as breakage');
    } catch (error) {
      this.logger.warn({ err: error }, 'the expiry sweep failed; it is tried again');
    }
  }
}
