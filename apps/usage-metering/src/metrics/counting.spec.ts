import { seededRandom } from '@orbit/testing';
import { parseWithPostgres } from './adapters/parse-with-postgres.js';
import { compileResult, leavesOf, WindowCount, type Leaf } from './domain/counting.js';
import type { CountedEvent } from './domain/compile.js';
import { countedEvent } from './domain/counted-event.fake.js';
import type { MetricTree } from './domain/expression.js';
import { readMetric } from './domain/read-metric.js';

const WINDOW = { fromMs: Date.UTC(2026, 3, 1), toMs: Date.UTC(2026, 3, 2) };
const METRICS = [
  'SELECT COUNT(*) FROM events',
  'SELECT SUM(x * 1.1) - MIN(x) FROM events',
  'SELECT AVG(x) FROM events',
  "SELECT MAX(x) FROM events WHERE region <> 'eu'",
  'SELECT COUNT(DISTINCT x) FROM events',
  'SELECT LATEST(x) FROM events',
  'SELECT percentile_cont(0.37) WITHIN GROUP (ORDER BY x) FROM events',
  'SELECT WEIGHTED_SUM(x) FROM events',
];

const random = seededRandom();

function someEvents(count: number): readonly CountedEvent[] {
  return Array.from({ length: count }, (_, at) =>
    countedEvent(
      {
        x: random.pick<string | number | boolean>([
          random.integer(-5, 50),
          `${random.integer(0, 9)}.25`,
          'no number',
          true,
        ]),
        region: random.pick(['eu', 'us', 'ap']),
      },
      {
        idempotencyKey: `key ${at}`,
        timestampMs: WINDOW.fromMs + random.integer(0, 20) * 3_600_000,
      },
    ),
  );
}

const shown = (count: WindowCount, metric: MetricTree): string =>
  JSON.stringify(
    count
      .results(WINDOW, compileResult(metric, {}))
      .map(({ group, quantity }) => [
        group.values,
        String(quantity),
        group.eventCount,
        group.fingerprintText,
      ]),
  );

function counted(leaves: readonly Leaf[], events: readonly CountedEvent[]): WindowCount {
  const count = new WindowCount(leaves);
  for (const event of events) count.add(event);
  return count;
}

describe('counting', () => {
  it.each(METRICS)('%s: any order and any parts come out as all at once', async (sql) => {
    const metric = await readMetric(sql, parseWithPostgres);
    const leaves = leavesOf({
      metric,
      parameters: {},
      filter: null,
      groups: [{ kind: 'property', name: 'region' }],
    });
    for (let round = 0; round < 20; round++) {
      const events = someEvents(40);
      const once = counted(leaves, events);
      const shuffled = [...events].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
      expect(shown(counted(leaves, shuffled), metric)).toBe(shown(once, metric));
      const cut = random.integer(0, 40);
      const parts = [counted(leaves, events.slice(0, cut)), counted(leaves, events.slice(cut))];
      expect(shown(merged(leaves, parts), metric)).toBe(shown(once, metric));
    }
  });

  it('answers zero once where nothing happened, and no group at all when it is split', async () => {
    const metric = await readMetric('SELECT SUM(x) FROM events', parseWithPostgres);
    const one = leavesOf({ metric, parameters: {}, filter: null, groups: [] });
    expect(shown(counted(one, []), metric)).toBe(`[[[],"0",0,"${'0'.repeat(32)}"]]`);
    const groups = [{ kind: 'property', name: 'region' }] as const;
    const split = leavesOf({ metric, parameters: {}, filter: null, groups });
    expect(shown(counted(split, []), metric)).toBe('[]');
  });

  it('knows events without the property as one group of null, last', async () => {
    const metric = await readMetric('SELECT COUNT(*) FROM events', parseWithPostgres);
    const groups = [{ kind: 'property', name: 'region' }] as const;
    const leaves = leavesOf({ metric, parameters: {}, filter: null, groups });
    const events = [countedEvent({}), countedEvent({ region: 'us' }), countedEvent({ region: 1 })];
    const results = counted(leaves, events).results(WINDOW, compileResult(metric, {}));
    expect(results.map(({ group }) => group.values)).toEqual([['1'], ['us'], [null]]);
  });
});

/** Groups of several counts put together, as rollups and edges are. */
function merged(leaves: readonly Leaf[], parts: readonly WindowCount[]): WindowCount {
  const whole = new WindowCount(leaves);
  for (const part of parts) whole.merge(part);
  return whole;
}
