import type { DispatchWebhooks } from './dispatch-webhooks.js';
import type { DispatcherSignal, DueDelivery } from '../world/ports.js';

const IN_FLIGHT_MAX = 10;
/** Longest sleep: also finds what another process or a clock change made due. */
const SLEEP_MS_MAX = 5_000;
const FAILURE_PAUSE_MS = 1_000;

export interface LoopLogger {
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
}

/** `wake()` before the loop exists must not be lost: `Sandbox` is made first and gets the loop here. */
export class WakeSignal implements DispatcherSignal {
  private listener: (() => void) | null = null;

  wake(): void {
    this.listener?.();
  }

  listen(listener: (() => void) | null): void {
    this.listener = listener;
  }
}

/**
 * Keeps sending what is due. Sleeps until the next delivery is due or a commit wakes it; a slow endpoint
 * holds one of ten places, not the loop.
 */
export class WebhookLoop {
  private isStopped = false;
  private isAwake = false;
  private endSleep: (() => void) | null = null;
  private running: Promise<void> | null = null;
  private readonly inFlight = new Set<Promise<void>>();

  constructor(
    private readonly dispatch: DispatchWebhooks,
    private readonly signal: WakeSignal,
    private readonly logger: LoopLogger,
  ) {}

  start(): void {
    this.signal.listen(() => this.wake());
    this.running = this.run();
  }

  /** Lets posts that are under way finish; what was not begun is found again at the next start. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.signal.listen(null);
    this.wake();
    await this.running;
    await Promise.all(this.inFlight);
  }

  private wake(): void {
    this.isAwake = true;
    this.endSleep?.();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      this.isAwake = false;
      const waitMs = await this.step().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'webhook deliveries are paused');
        return FAILURE_PAUSE_MS;
      });
      if (!this.isAwake && !this.isStopped && waitMs > 0) await this.sleep(waitMs);
    }
  }

  /** Starts what is due; answers how long to sleep. */
  private async step(): Promise<number> {
    const free = IN_FLIGHT_MAX - this.inFlight.size;
    if (free === 0) return SLEEP_MS_MAX;
    for (const delivery of await this.dispatch.claim(free)) this.begin(delivery);
    const waitMs = await this.dispatch.waitMs();
    return Math.min(waitMs ?? SLEEP_MS_MAX, SLEEP_MS_MAX);
  }

  private begin(delivery: DueDelivery): void {
    const post = this.dispatch
      .deliver(delivery)
      .catch((error: unknown) => {
        this.logger.warn({ err: error, delivery: delivery.id }, 'a delivery could not be noted');
      })
      .finally(() => {
        this.inFlight.delete(post);
        this.wake();
      });
    this.inFlight.add(post);
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.endSleep?.(), ms);
      this.endSleep = () => {
        clearTimeout(timer);
        this.endSleep = null;
        resolve();
      };
    });
  }
}
