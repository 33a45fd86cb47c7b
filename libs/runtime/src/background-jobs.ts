import type { Logger } from './logger.js';
import { counter, histogram } from '@orbit/metrics';
import { underTrace } from './tracing/current-trace.js';

/** Ends the pause of the job that it is given to. Whoever makes work for a job holds it; it is there before the job is. */
export class WakeUp {
  private wake: () => void = () => undefined;

  ring(): void {
    this.wake();
  }

  /** For the runner of the job. */
  wakes(wake: () => void): void {
    this.wake = wake;
  }
}

/** Work that a service repeats. */
export interface BackgroundJob {
  readonly name: string;
  /** Pause between the end of one run and the start of the next. */
  readonly intervalMs: number;
  /** Whether the pause grows while it fails; true when absent. False where somebody waits for the first success. */
  readonly backsOff?: boolean;
  /**
   * The longest pause while runs find nothing: from `intervalMs` on it doubles until this. For a job that is woken when
   * there is something to do; absent, every pause is `intervalMs`.
   */
  readonly idleIntervalMs?: number;
  /** In how long the next thing is due that is known already; null where nothing is. Ends a longer pause. */
  dueInMs?(): Promise<number | null>;
  /** There is something to do: no pause is waited for. */
  readonly wokenBy?: WakeUp;
  /** Its first run waits for no moment of its own: what an earlier process left behind is in somebody's way. */
  readonly startsAtOnce?: boolean;
  /** Its work is reported elsewhere: no line in the log for each run. */
  readonly isQuiet?: boolean;
  /** A number says how many things it did; more than none is logged. */
  run(): Promise<unknown>;
}

const seconds = histogram('orbit_job_seconds');
const failures = counter('orbit_job_failures_total');

/** Multiples of it lie evenly between 0 and 1, however many there are, and neighbours far apart. */
const GOLDEN_RATIO = 0.618;
/** The longest pause after failures, in milliseconds; being woken cuts it short. */
const PAUSE_MS_MAX = 15_000;

/** Runs the jobs of a service: each never beside itself; a failure is logged and the job tried again. */
export class BackgroundJobs {
  private readonly loops: readonly Loop[];

  constructor(jobs: readonly BackgroundJob[], logger: Pick<Logger, 'info' | 'warn'>) {
    this.loops = jobs.map((job) => new Loop(job, logger));
    for (const loop of this.loops) loop.job.wokenBy?.wakes(() => loop.wake());
  }

  /** Every job runs at once. */
  start(): void {
    for (const loop of this.loops) loop.wake();
  }

  /** Every job that need not start at once runs first at its own moment of its interval: jobs of one interval take turns. */
  startSpread(): void {
    for (const [index, loop] of this.loops.entries()) {
      if (loop.job.startsAtOnce) loop.wake();
      else loop.wakeIn(loop.job.intervalMs * (((index + 1) * GOLDEN_RATIO) % 1));
    }
  }

  /** Resolves when what runs has finished; nothing runs afterwards. */
  async stop(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}

class Loop {
  private failureCount = 0;
  /** Runs without a find since the last find or wake-up. */
  private idleCount = 0;
  private dueInMs: number | null = null;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private isWoken = false;
  private isStopped = false;

  constructor(
    readonly job: BackgroundJob,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
  ) {}

  /** Runs now, or once more after the run under way. */
  wake(): void {
    this.idleCount = 0;
    this.runNow();
  }

  wakeIn(delayMs: number): void {
    this.timer = underTrace(null, () => setTimeout(() => this.runNow(), delayMs));
    this.timer.unref();
  }

  private runNow(): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    if (this.running !== null) {
      this.isWoken = true;
      return;
    }
    // Whoever wakes it may belong to a trace; what it does from now on does not.
    this.running = underTrace(null, () => this.runOnce()).finally(() => {
      this.running = null;
      const isDue = this.isWoken;
      this.isWoken = false;
      if (isDue) this.runNow();
      else if (!this.isStopped) this.wakeIn(this.pauseMs());
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** The interval; after failures twice as long each time, within bounds, and never two instances in step. */
  private pauseMs(): number {
    const { intervalMs, backsOff = true } = this.job;
    if (this.failureCount === 0) return this.calmPauseMs();
    if (!backsOff) return intervalMs;
    const pauseMs = Math.min(intervalMs * 2 ** Math.min(this.failureCount, 10), PAUSE_MS_MAX);
    return Math.max(intervalMs, pauseMs) * (0.5 + Math.random() / 2);
  }

  /** After a run that did not fail: the more of them found nothing, the longer, but not past what is known to be due. */
  private calmPauseMs(): number {
    const { intervalMs, idleIntervalMs = intervalMs } = this.job;
    const pauseMs = Math.min(
      intervalMs * 2 ** Math.min(Math.max(this.idleCount - 1, 0), 10),
      idleIntervalMs,
    );
    return Math.min(pauseMs, Math.max(this.dueInMs ?? pauseMs, 0));
  }

  private async runOnce(): Promise<void> {
    const { name, isQuiet = false } = this.job;
    const startedMs = performance.now();
    try {
      const count = await this.job.run();
      seconds.observe({ job: name }, (performance.now() - startedMs) / 1_000);
      this.failureCount = 0;
      this.idleCount = typeof count === 'number' && count > 0 ? 0 : this.idleCount + 1;
      this.dueInMs = this.idleCount === 0 ? null : ((await this.job.dueInMs?.()) ?? null);
      if (typeof count === 'number' && count > 0 && !isQuiet) {
        this.logger.info({ job: name, count }, 'job did something');
      }
    } catch (err) {
      this.failureCount += 1;
      failures.inc({ job: name });
      this.logger.warn({ err, job: name }, 'job failed; it is tried again');
    }
  }
}
