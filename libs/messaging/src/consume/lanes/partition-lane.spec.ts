// Goal: between fetch and commit nothing is skipped, reordered or told done before it is.
import { InvariantViolation } from '@orbit/kernel';
import { createLogger } from '@orbit/runtime';
import { seededRandom } from '@orbit/testing';
import type { Batch } from 'kafkajs';
import { OffsetCommits } from '../offset-commits.js';
import { PartitionLane, type PartitionLaneOptions } from './partition-lane.js';
import { WorkGate } from './work-gate.js';

const logger = createLogger('test', 'silent');

function batchOf(first: number, count: number, bytes = 10): Batch {
  const offsets = Array.from({ length: count }, (_, n) => first + n);
  const messages = offsets.map((offset) => ({
    offset: String(offset),
    value: Buffer.alloc(bytes),
  }));
  return {
    messages,
    firstOffset: () => String(first),
    lastOffset: () => String(first + count - 1),
  } as unknown as Batch;
}

const offsetsOf = (batches: readonly Pick<Batch, 'messages'>[]): number[] =>
  batches.flatMap(({ messages }) => messages.map(({ offset }) => Number(offset)));

interface Lane {
  readonly lane: PartitionLane;
  readonly handled: number[][];
  readonly done: string[];
  readonly closing: AbortController;
}

function laneOf(
  attempt: (offsets: readonly number[]) => Promise<void>,
  changes: Partial<PartitionLaneOptions> = {},
): Lane {
  const handled: number[][] = [];
  const done: string[] = [];
  const closing = new AbortController();
  const lane = new PartitionLane({
    topic: 't',
    partition: 0,
    gate: new WorkGate(1_000_000),
    makeRun: (batches) => ({
      attempt: async () => {
        await attempt(offsetsOf(batches));
        handled.push(offsetsOf(batches));
        return 0;
      },
    }),
    onDone: (offset) => done.push(offset),
    onRoom: () => undefined,
    onBroken: () => undefined,
    retry: { attemptsMax: 2, delayMsFirst: 1, delayMsMax: 1 },
    restMs: 2,
    logger,
    closing: closing.signal,
    ...changes,
  });
  return { lane, handled, done, closing };
}

test('what comes while a run is under way goes into the next one, in order', async () => {
  let finish = (): void => undefined;
  const first = new Promise<void>((resolve) => (finish = resolve));
  const { lane, handled, done } = laneOf(async (offsets) => {
    if (offsets.includes(0)) await first;
  });
  lane.push(batchOf(0, 2));
  await new Promise((resolve) => setImmediate(resolve));
  lane.push(batchOf(2, 1));
  lane.push(batchOf(3, 2));
  expect(done).toEqual([]);
  finish();
  await lane.idle();
  expect(handled).toEqual([
    [0, 1],
    [2, 3, 4],
  ]);
  expect(done).toEqual(['2', '5']);
});

test('whatever fails, everything is handled in order and told done once, after it was', async () => {
  const random = seededRandom();
  const { lane, handled, done } = laneOf(async () => {
    if (random.chance(0.4)) await new Promise((resolve) => setImmediate(resolve));
    if (random.chance(0.3)) throw new Error('a database is away');
  });
  let next = 0;
  for (let n = 0; n < 200; n++) {
    const count = random.integer(1, 5);
    lane.push(batchOf(next, count));
    next += count;
    if (random.chance(0.3)) await new Promise((resolve) => setImmediate(resolve));
    expect(Number(done.at(-1) ?? 0)).toBe(handled.flat().length);
  }
  await lane.idle();
  expect(handled.flat()).toEqual(Array.from({ length: next }, (_, n) => n));
  expect(Number(done.at(-1))).toBe(next);
});

test('after a broken invariant nothing more of the partition is handled or told done', async () => {
  const broken: string[] = [];
  const { lane, handled, done } = laneOf(
    () => Promise.reject(new InvariantViolation('entries sum to zero')),
    { onBroken: (error) => broken.push(error.message) },
  );
  lane.push(batchOf(0, 2));
  await lane.idle();
  lane.push(batchOf(2, 2));
  await lane.idle();
  expect([handled, done]).toEqual([[], []]);
  expect(broken).toHaveLength(1);
});

test('cleared while it waits to try again, a run is given up; what is pushed afterwards is handled', async () => {
  let isAway = true;
  const { lane, handled, done } = laneOf(
    () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()),
    { restMs: 20, retry: { attemptsMax: 1, delayMsFirst: 1, delayMsMax: 1 } },
  );
  lane.push(batchOf(0, 3));
  await new Promise((resolve) => setTimeout(resolve, 5));
  lane.clear();
  isAway = false;
  lane.push(batchOf(0, 2));
  await lane.idle();
  expect(handled).toEqual([[0, 1]]);
  expect(done).toEqual(['2']);
});

test('a lane that rests says why, until a run succeeds or its partition is gone', async () => {
  const seen: (string | null)[] = [];
  let lane: PartitionLane | null = null;
  const made = laneOf(() => {
    seen.push(lane?.restsBecause ?? null);
    return seen.length < 4 ? Promise.reject(new Error('poison')) : Promise.resolve();
  });
  lane = made.lane;
  lane.push(batchOf(0, 1));
  await lane.idle();
  // Two attempts, the rest, two attempts more.
  expect([seen, lane.restsBecause]).toEqual([[null, null, 'poison', 'poison'], null]);
});

test('a full lane says so, and tells when there is room again', async () => {
  let rooms = 0;
  const { lane } = laneOf(() => Promise.resolve(), { onRoom: () => (rooms += 1) });
  lane.push(batchOf(0, 1, 600_000));
  expect(lane.isFull).toBe(false);
  lane.push(batchOf(1, 1, 600_000));
  expect(lane.isFull).toBe(true);
  await lane.idle();
  expect([lane.isFull, rooms]).toEqual([false, 1]);
});

test('a gate lets in what fits, and one that is too large when it is alone', async () => {
  const gate = new WorkGate(10);
  const log: string[] = [];
  const enter = (name: string, size: number): Promise<void> =>
    gate.run(
      () => size,
      async () => {
        log.push(`+${name}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`-${name}`);
      },
    );
  await Promise.all([enter('a', 6), enter('b', 4), enter('huge', 50), enter('c', 1)]);
  expect(log.indexOf('+b')).toBeLessThan(log.indexOf('-a'));
  const alone = log.slice(log.indexOf('+huge'), log.indexOf('+huge') + 2);
  expect(alone).toEqual(['+huge', '-huge']);
});

test('commits that fail are tried again with what is newer by then, and never for what another owns', async () => {
  const sent: string[] = [];
  let failures = 1;
  const owned = new Set(['t/0', 't/1']);
  const commits = new OffsetCommits({
    commit: (offsets) => {
      if (failures-- > 0) return Promise.reject(new Error('coordinator is away'));
      sent.push(offsets.map(({ partition, offset }) => `${partition}:${offset}`).join());
      return Promise.resolve();
    },
    isOwned: (topic, partition) => owned.has(`${topic}/${partition}`),
    logger,
  });
  commits.add('t', 0, '5');
  commits.add('t', 1, '7');
  commits.add('t', 0, '6');
  await new Promise((resolve) => setImmediate(resolve));
  owned.delete('t/1');
  commits.add('t', 0, '9');
  await commits.flush();
  expect(sent).toEqual(['0:9']);
});
