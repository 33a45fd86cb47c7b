import type { Log } from '../application/ports.js';

export interface BackgroundTask {
  readonly name: string;
  readonly intervalMs: number;
  run(): Promise<unknown>;
}

/** Runs the tasks of this service: each never beside itself, a failure is logged and tried again. */
export class BackgroundWork {
  private readonly loops: Loop[];

  constructor(tasks: readonly BackgroundTask[], log: Log) {
    this.loops = tasks.map((task) => new Loop(task, log));
  }

  start(): void {
    for (const loop of this.loops) loop.wake();
  }

  /** There is something to do for this task: do not wait for its interval. */
  wake(name: string): void {
    this.loops.find((loop) => loop.task.name === name)?.wake();
  }

  /** Resolves when what runs has finished; nothing runs afterwards. */
  async stop(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}

/** The longest pause after failures, in milliseconds; being woken cuts it short. */
const PAUSE_MS_MAX = 15_000;

class Loop {
  private failureCount = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private isWoken = false;
  private isStopped = false;

  constructor(
    readonly task: BackgroundTask,
    private readonly log: Log,
  ) {}

  /** Runs now, or once more after the run under way. */
  wake(): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    if (this.running !== null) {
      this.isWoken = true;
      return;
    }
    this.running = this.runOnce().finally(() => {
      this.running = null;
      const isDue = this.isWoken;
      this.isWoken = false;
      if (isDue) this.wake();
      else if (!this.isStopped) this.schedule();
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    this.timer = setTimeout(() => this.wake(), this.pauseMs());
    this.timer.unref();
  }

  /** The interval; after failures twice as long each time, within bounds, and never two instances in step. */
  private pauseMs(): number {
    const { intervalMs } = this.task;
    if (this.failureCount === 0) return intervalMs;
    const pauseMs = Math.min(intervalMs * 2 ** Math.min(this.failureCount, 10), PAUSE_MS_MAX);
    return Math.max(intervalMs, pauseMs) * (0.5 + Math.random() / 2);
  }

  private async runOnce(): Promise<void> {
    try {
      await this.task.run();
      this.failureCount = 0;
    } catch (err) {
      this.failureCount += 1;
      this.log.warn({ err, task: this.task.name }, 'background task failed; tried again later');
    }
  }
}
