import type { Sweep } from './sweep.js';
import type { LoopLogger } from '../webhooks/webhook-loop.js';

const SWEEP_EVERY_MS = 1_000;

/** Runs the sweep once a second, never twice at once. */
export class SweepLoop {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private isStopped = false;

  constructor(
    private readonly sweep: Sweep,
    private readonly logger: LoopLogger,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.sweep
        .run()
        .catch((error: unknown) => this.logger.warn({ err: error }, 'the sweep failed'))
        .finally(() => {
          if (!this.isStopped) this.start();
        });
    }, SWEEP_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }
}
