import { invariant, InvariantViolation } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import type { Batch } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextLaneState, type LaneEvent, type LaneState } from './lane-state.js';
import { retryDelayMs, type RetryPolicy } from '../retry-policy.js';
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
 * times with growing waits, then after a rest; after a broken invariant the lane stops for good. Its states are
 * named in lane-state.ts.
 */
export class PartitionLane {
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private state: LaneState = 'idle';
  /** The reason of the state `stalled`. */
  private stallReason = '';
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly options: PartitionLaneOptions) {}

  get isBusy(): boolean {
    return this.state !== 'idle' && this.state !== 'stopped';
  }

  /** Why it rests, from when its retries are used up until a run succeeds. */
  get restsBecause(): string | null {
    return this.state === 'stalled' ? this.stallReason : null;
  }

  get isFull(): boolean {
    return this.waitingBytes >= WAITING_BYTES_MAX;
  }

  push(batch: LaneBatch): void {
    if (this.state === 'stopped' || this.options.closing.aborted) return;
    const bytes = bytesOf(batch);
    this.waiting.push({ batch, bytes });
    this.waitingBytes += bytes;
    const wasIdle = this.state === 'idle';
    this.happens('push');
    if (wasIdle) this.work = this.workOff();
  }

  /** Drops what waits: it is fetched again, here or by another member. The run under way ends by itself. */
  clear(): void {
    this.happens('clear');
    this.waiting.length = 0;
    this.waitingBytes = 0;
  }

  /** Resolves when the run under way has ended. */
  async idle(): Promise<void> {
    await this.work;
  }

  /** Nothing more is handled. */
  private get isOver(): boolean {
    return this.state === 'stopped' || this.options.closing.aborted;
  }

  /** The run under way is not tried again. */
  private get isGivenUp(): boolean {
    return this.state === 'abandoned' || this.isOver;
  }

  private happens(event: LaneEvent): void {
    this.state = nextLaneState(this.state, event);
  }

  private async workOff(): Promise<void> {
    // What arrives in the same turn of the event loop is one run.
    await Promise.resolve();
    try {
      while (this.waiting.length > 0 && !this.isOver) {
        this.happens('start');
        await this.runNext();
      }
    } finally {
      this.happens('end');
    }
  }

  private async runNext(): Promise<void> {
    const { gate, onDone, logger, topic, partition } = this.options;
    let taken: Taken | null = null;
    for (let attempt = 1; !this.isGivenUp; attempt++) {
      try {
        const done = await gate.run(
          () => taken?.bytes ?? Math.min(this.waitingBytes, RUN_BYTES_MAX),
          async () => {
            if (this.isGivenUp) return null;
            taken ??= this.take();
            return { ...taken, deadLetterCount: await taken.run.attempt() };
          },
        );
        if (!done) return;
        const { deadLetterCount, firstOffset: offset } = done;
        if (deadLetterCount > 0) {
          logger.warn({ topic, partition, offset, deadLetterCount }, 'dead letters sent');
        }
        this.happens('succeed');
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
    const wasFull = this.isFull;
    this.waitingBytes -= bytes;
    if (wasFull && !this.isFull) this.options.onRoom();
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
      this.happens('fail');
      await this.pause(delayMs);
      this.happens('retry');
      return attempt;
    }
    logger.error({ ...where, restMs }, 'batch keeps failing; partition rests');
    this.stallReason = error instanceof Error ? error.message : String(error);
    this.happens('exhaust');
    await this.pause(restMs);
    this.happens('retry');
    return 0;
  }

  private stop(error: InvariantViolation, offset: string): void {
    const { logger, onBroken, topic, partition } = this.options;
    this.happens('break');
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
