import type { Clock } from '@orbit/kernel';
import { nextAttemptMs } from '../domain/retry.js';
import { signatureHeaders } from '../domain/sign.js';
import type { Attempt, Deliveries, DueDelivery, Sender } from './ports.js';

/** Attempts under way at once; one slow receiver can hold a few of them alone. */
const UNDER_WAY_MAX = 64;
const PER_ENDPOINT_MAX = 8;
/** Longer than an attempt can last: a delivery of a process that died is taken again after this. */
const CLAIMED_MS = 30_000;

/**
 * Sends what is due, at least once. Attempts go on beside each other; whoever is slow keeps only its own endpoint.
 * Errors of `run`: the database's own.
 */
export class SendDeliveries {
  private readonly underWay = new Map<string, number>();
  private readonly attempts = new Set<Promise<void>>();
  private fault: Error | null = null;

  constructor(
    private readonly deliveries: Deliveries,
    private readonly sender: Sender,
    private readonly clock: Clock,
    private readonly chance: () => number,
    /** There may be room for more now. */
    private readonly wake: () => void,
  ) {}

  /** Starts attempts for what is due now; returns how many, before they end. */
  async run(): Promise<number> {
    const fault = this.fault;
    this.fault = null;
    if (fault !== null) throw fault;
    const max = UNDER_WAY_MAX - this.attempts.size;
    if (max <= 0) return 0;
    const nowMs = this.clock.nowMs();
    const limits = { max, perEndpointMax: PER_ENDPOINT_MAX, underWay: this.underWay };
    const due = await this.deliveries.claim(limits, nowMs, nowMs + CLAIMED_MS);
    for (const one of due) this.start(one);
    return due.length;
  }

  /** In how long a delivery is due that is not yet; null where none is. */
  async dueInMs(): Promise<number | null> {
    const nowMs = this.clock.nowMs();
    const dueMs = await this.deliveries.nextDueMs(nowMs);
    return dueMs === null ? null : dueMs - nowMs;
  }

  /** Resolves when no attempt is under way. */
  async whenIdle(): Promise<void> {
    while (this.attempts.size > 0) await Promise.all(this.attempts);
  }

  private start(due: DueDelivery): void {
    const { endpointId } = due;
    this.underWay.set(endpointId, (this.underWay.get(endpointId) ?? 0) + 1);
    const attempt = this.attempt(due)
      .catch((error: unknown) => {
        // The claim ends by itself; the next run reports why.
        this.fault = error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.attempts.delete(attempt);
        const left = (this.underWay.get(endpointId) ?? 1) - 1;
        if (left > 0) this.underWay.set(endpointId, left);
        else this.underWay.delete(endpointId);
        this.wake();
      });
    this.attempts.add(attempt);
  }

  private async attempt(due: DueDelivery): Promise<void> {
    const headers = {
      ...signatureHeaders(due.secret, due.eventId, due.body, this.clock.nowMs()),
      'x-orbit-delivery': due.id,
      'x-orbit-sequence': String(due.sequence),
    };
    const attempt: Attempt = await this.sender.send(due, headers);
    const isDelivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    const next = isDelivered
      ? null
      : nextAttemptMs(due.attemptCount + 1, due.createdAtMs, this.clock.nowMs(), this.chance());
    await this.deliveries.record(due, attempt, isDelivered, next);
  }
}
