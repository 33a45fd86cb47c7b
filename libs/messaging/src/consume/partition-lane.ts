import { invariant, InvariantViolation } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import type { Batch } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { retryDelayMs, type RetryPolicy } from './retry-policy.js';
import type { WorkGate } from './work-gate.js';

/** The part of a kafkajs batch that a lane needs. */
export type LaneBatch = Pick<Batch, 'messages' | 'firstOffset' | 'lastOffset'>;

/** Batches in order that are handled as one; an attempt answers how many messages went to the dead letters. */
export interface LaneRun {
  attempt(): Promise<number>;
}

export interface PartitionLaneOptions {
  readonly topic: string;
  readonly partition: number;
  readonly gate: WorkGate;
  readonly makeRun: (batches: readonly LaneBatch[]) => LaneRun;
  /** Everything before this offset is done. */
  readonly onDone: (offset: string) => void;
  /** There is room for more, after `isFull` was true. */
  readonly onRoom: () => void;
  readonly onBroken: (error: InvariantViolation) => void;
  readonly retry: RetryPolicy;
  /** How long it rests when its retries are used up, before it starts anew. */
  readonly restMs: number;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

/** Bytes handled at once: some 2,500 charges. */
const RUN_BYTES_MAX = 1024 * 1024;
/** Bytes that may wait; the fetch that brings it past this is the last one until there is room. */
const WAITING_BYTES_MAX = 1024 * 1024;

interface Taken {
  readonly run: LaneRun;
  readonly bytes: number;
  readonly firstOffset: string;
  readonly nextOffset: string;
}

interface Waiting {
  readonly batch: LaneBatch;
  readonly bytes: number;
}

/**
 * The messages of one partition between fetch and commit, handled in order. What came while a run was under
 * way goes into the next one, up to a bound. Nothing is skipped: a run that fails is tried again, a few
 * times with growing waits, then after a rest; after a broken invariant the lane stops for good.
 */
export class PartitionLane {
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private working: Promise<void> | null = null;
  private wasFull = false;
  private isBroken = false;
  /** Moves when the partition is given anew: what was fetched before counts no more. */
  private assignment = 0;
  private failure: string | null = null;

  constructor(private readonly options: PartitionLaneOptions) {}

  get isBusy(): boolean {
    return this.working !== null;
  }

  /** Why it rests, from when its retries are used up until a run succeeds. */
  get restsBecause(): string | null {
    return this.failure;
  }

  get isFull(): boolean {
    return this.waitingBytes >= WAITING_BYTES_MAX;
  }

  push(batch: LaneBatch): void {
    if (this.isBroken || this.options.closing.aborted) return;
    const bytes = bytesOf(batch);
    this.waiting.push({ batch, bytes });
    this.waitingBytes += bytes;
    this.wasFull ||= this.isFull;
    this.working ??= this.work();
  }

  /** Drops what waits: it is fetched again, here or by another member. The run under way ends by itself. */
  clear(): void {
    this.assignment += 1;
    this.failure = null;
    this.waiting.length = 0;
    this.waitingBytes = 0;
    this.wasFull = false;
  }

  /** Resolves when the run under way has ended. */
  async idle(): Promise<void> {
    await this.working;
  }

  private async work(): Promise<void> {
    // What arrives in the same turn of the event loop is one run.
    await Promise.resolve();
    try {
      while (this.waiting.length > 0 && !this.isBroken && !this.options.closing.aborted) {
        await this.runNext();
      }
    } finally {
      this.working = null;
    }
  }

  private async runNext(): Promise<void> {
    const { gate, onDone, closing, logger, topic, partition } = this.options;
    const { assignment } = this;
    const isGone = (): boolean => closing.aborted || this.assignment !== assignment;
    let taken: Taken | null = null;
    for (let attempt = 1; !isGone(); attempt++) {
      try {
        const done = await gate.run(
          () => taken?.bytes ?? Math.min(this.waitingBytes, RUN_BYTES_MAX),
          async () => {
            if (isGone()) return null;
            taken ??= this.take();
            return { ...taken, deadLetterCount: await taken.run.attempt() };
          },
        );
        if (!done) return;
        const { deadLetterCount, firstOffset: offset } = done;
        if (deadLetterCount > 0) {
          logger.warn({ topic, partition, offset, deadLetterCount }, 'dead letters sent');
        }
        this.failure = null;
        onDone(done.nextOffset);
        return;
      } catch (error) {
        const offset = (taken as Taken | null)?.firstOffset ?? '';
        if (error instanceof InvariantViolation) return this.stop(error, offset);
        attempt = await this.waitAfter(error, attempt, offset);
      }
    }
  }

  /** Whole batches from the front, at least one. */
  private take(): Taken {
    const batches: LaneBatch[] = [];
    let bytes = 0;
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      if (batches.length > 0 && bytes + next.bytes > RUN_BYTES_MAX) break;
      batches.push(next.batch);
      bytes += next.bytes;
      this.waiting.shift();
    }
    this.waitingBytes -= bytes;
    if (this.wasFull && !this.isFull) {
      this.wasFull = false;
      this.options.onRoom();
    }
    const [first] = batches;
    const last = batches.at(-1);
    invariant(first && last, 'a lane works while something waits');
    const nextOffset = (BigInt(last.lastOffset()) + 1n).toString();
    const run = this.options.makeRun(batches);
    return { run, bytes, firstOffset: first.firstOffset() ?? '', nextOffset };
  }

  /** Returns the number of the attempt that has failed: after a rest it counts from the start. */
  private async waitAfter(error: unknown, attempt: number, offset: string): Promise<number> {
    const { retry, restMs, logger, topic, partition } = this.options;
    const where = { err: error, topic, partition, offset };
    if (attempt < retry.attemptsMax) {
      const delayMs = retryDelayMs(retry, attempt, Math.random());
      logger.warn({ ...where, attempt, delayMs }, 'batch failed; trying again');
      await this.pause(delayMs);
      return attempt;
    }
    logger.error({ ...where, restMs }, 'batch keeps failing; partition rests');
    this.failure = error instanceof Error ? error.message : String(error);
    await this.pause(restMs);
    return 0;
  }

  private stop(error: InvariantViolation, offset: string): void {
    const { logger, onBroken, topic, partition } = this.options;
    this.isBroken = true;
    this.clear();
    logger.fatal(
      { err: error, topic, partition, offset },
      'broken invariant: partition stopped; repair the cause and restart',
    );
    onBroken(error);
  }

  /** Waits, but not past a stop. */
  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.options.closing }).catch(() => undefined);
  }
}

function bytesOf({ messages }: LaneBatch): number {
  let bytes = 0;
  for (const { key, value } of messages) bytes += (key?.length ?? 0) + (value?.length ?? 0);
  return bytes;
}
