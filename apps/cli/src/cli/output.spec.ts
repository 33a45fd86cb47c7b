import { format, progressLine, toJson } from './output.js';

describe('output', () => {
  test('a list is a table with numbers to the right', () => {
    const rows = [
      { topic: 'charge.requested', messages: 12n },
      { topic: 'dlq', messages: 1_200n },
    ];
    expect(format(rows)).toBe(
      [
        'topic             messages',
        '----------------  --------',
        'charge.requested        12',
        'dlq                   1200',
      ].join('\n'),
    );
    expect(format([])).toBe('(none)');
  });

  test('one thing is its fields, with what is missing shown as such and lists of things below', () => {
    expect(format({ id: 'a', paused: null, blocks: [], kinds: ['x', 'y'] })).toBe(
      'id      a\npaused  –\nblocks  (none)\nkinds   x, y',
    );
    expect(format({ id: 'a', blocks: [{ n: 1 }] })).toBe('id      a\n\nblocks:\nn\n-\n1');
  });

  test('JSON is one line and keeps every digit of a bigint, as text', () => {
    expect(toJson({ micros: 9_007_199_254_740_993n })).toBe('{"micros":"9007199254740993"}');
  });

  test('progress counts the rate from where this run began', () => {
    const line = progressLine({ done: 600, doneBefore: 400, total: 1_000, elapsedMs: 2_000 });
    expect(line).toBe('600 of 1000 (60 %), 100/s, 4 s left');
    expect(progressLine({ done: 0, total: 0, elapsedMs: 0 })).toBe('0 of 0 (100 %), 0/s, ? left');
  });

  test('progress of what nobody knows the end of, or knew it too low, names no end', () => {
    expect(progressLine({ done: 1, total: 0, elapsedMs: 10 })).toBe('1, 100/s');
    expect(progressLine({ done: 43, total: 40, elapsedMs: 1_000 })).toBe('43, 43/s');
    expect(progressLine({ done: 43, total: 43, elapsedMs: 1_000 })).toMatch(/^43 of 43 \(100 %\)/);
  });
});
