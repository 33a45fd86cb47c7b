import { parsePosition, planRanges } from './kafka-range.js';

const NOW_MS = Date.UTC(2026, 4, 16, 12);
const BOUNDS = [
  { partition: 0, low: 10n, high: 100n },
  { partition: 1, low: 0n, high: 0n },
  { partition: 2, low: 5n, high: 50n },
];
const noTimes = (): Promise<Map<number, bigint>> => Promise.resolve(new Map());
const plan = (from: string, to: string, times = noTimes): Promise<unknown> =>
  planRanges(parsePosition(from, NOW_MS), parsePosition(to, NOW_MS), BOUNDS, times);

describe('parsePosition', () => {
  test('reads instants with their zone, UTC dates and ages', () => {
    const ms = Date.UTC(2026, 4, 16, 11);
    expect(parsePosition('2026-05-16T11:00:00Z', NOW_MS)).toEqual({ kind: 'time', ms });
    expect(parsePosition('2026-05-16T13:00+02:00', NOW_MS)).toEqual({ kind: 'time', ms });
    expect(parsePosition('-1h', NOW_MS)).toEqual({ kind: 'time', ms });
    expect(parsePosition('2026-05-16', NOW_MS)).toEqual({
      kind: 'time',
      ms: Date.UTC(2026, 4, 16),
    });
  });

  test('reads an offset for all partitions and offsets by partition', () => {
    expect(parsePosition('42', NOW_MS)).toEqual({ kind: 'offset', offset: 42n });
    expect(parsePosition('0:7,3:9', NOW_MS)).toEqual({
      kind: 'offsets',
      offsets: new Map([
        [0, 7n],
        [3, 9n],
      ]),
    });
  });

  test.each(['yesterday', '2026-13-01', '2026-05-16T11:00:00', '1:', '0:1,0:2', '-5', '1.5'])(
    'refuses %s',
    (text) => {
      expect(() => parsePosition(text, NOW_MS)).toThrow(text);
    },
  );
});

describe('planRanges', () => {
  test('stays within what the topic holds and leaves out empty partitions', async () => {
    expect(await plan('0', 'latest')).toEqual([
      { partition: 0, from: 10n, to: 100n },
      { partition: 2, from: 5n, to: 50n },
    ]);
    expect(await plan('60', '1000')).toEqual([{ partition: 0, from: 60n, to: 100n }]);
  });

  test('reads only the partitions that are named', async () => {
    expect(await plan('2:20', 'latest')).toEqual([{ partition: 2, from: 20n, to: 50n }]);
    expect(await plan('earliest', '0:12')).toEqual([{ partition: 0, from: 10n, to: 12n }]);
    expect(await plan('0:20', '2:30')).toEqual([]);
    await expect(plan('7:1', 'latest')).rejects.toThrow('no partition 7');
  });

  test('takes what an instant means from the broker; later than everything is the end', async () => {
    const times = (): Promise<Map<number, bigint>> => Promise.resolve(new Map([[0, 30n]]));
    expect(await plan('earliest', '2026-05-16', times)).toEqual([
      { partition: 0, from: 10n, to: 30n },
      { partition: 2, from: 5n, to: 50n },
    ]);
    expect(await plan('2026-05-16', 'latest', times)).toEqual([
      { partition: 0, from: 30n, to: 100n },
    ]);
  });
});
