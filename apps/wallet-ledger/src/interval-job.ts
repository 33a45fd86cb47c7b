import type { Logger } from '@orbit/runtime';

/** Work that repeats. One run at a time; a failed run is told and tried again at the next tick. */
export class IntervalJob {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;

  constructor(
    private readonly name: string,
    private readonly intervalMs: number,
    /** Answers how many things it did; more than none is logged. */
    private readonly run: () => Promise<number>,
    private readonly logger: Logger,
  ) {}

  /** First after this share of the interval (0 to 1), so that jobs of one interval take turns with each other. */
  start(phase: number): void {
    this.timer = setTimeout(() => {
      this.tick();
      this.timer = setInterval(() => this.tick(), this.intervalMs);
    }, this.intervalMs * phase);
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.running;
  }

  private tick(): void {
    this.running ??= this.once().finally(() => {
      this.running = null;
    });
  }

  private async once(): Promise<void> {
    try {
      const count = await this.run();
      if (count > 0) this.logger.info({ job: this.name, count }, 'job did something');
    } catch (error) {
      this.logger.warn({ err: error, job: this.name }, 'job failed; it is tried again');
    }
  }
}
