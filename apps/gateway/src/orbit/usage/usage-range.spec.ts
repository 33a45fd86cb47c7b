import { bucketNames } from './usage-range.js';

test.each([
  ['0050-01-30', '0050-02-02', 'day', ['0050-01-30', '0050-01-31', '0050-02-01']],
  ['0099-12-01', '0100-02-01', 'month', ['0099-12', '0100-01']],
  ['2028-02-28', '2028-03-01', 'day', ['2028-02-28', '2028-02-29']],
  ['2026-01-31', '2026-03-31', 'month', ['2026-01', '2026-02', '2026-03']],
  ['9999-12-30', '9999-12-31', 'day', ['9999-12-30']],
] as const)('bucketNames: from %s to %s by %s has each once', (from, to, granularity, names) => {
  const range = { from: `${from}T00:00:00.000Z`, to: `${to}T00:00:00.000Z` };
  expect(bucketNames(range, granularity)).toEqual(names);
});

test('bucketNames: a range that begins and ends within days touches both', () => {
  const range = { from: '2026-03-01T23:59:59.999Z', to: '2026-03-02T00:00:00.001Z' };
  expect(bucketNames(range, 'day')).toEqual(['2026-03-01', '2026-03-02']);
});
