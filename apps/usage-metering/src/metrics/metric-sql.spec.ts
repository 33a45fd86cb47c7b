import { parseWithPostgres } from './adapters/parse-with-postgres.js';
import { compileResult, leavesOf, WindowCount } from './domain/counting.js';
import type { CountedEvent, Parameters } from './domain/compile.js';
import { countedEvent as event } from './domain/counted-event.fake.js';
import { readComputed, readFilter, readMetric } from './domain/read-metric.js';

const WINDOW = { fromMs: Date.UTC(2026, 3, 1), toMs: Date.UTC(2026, 3, 2) };

async function quantity(
  sql: string,
  events: readonly CountedEvent[],
  parameters: Parameters = {},
): Promise<string> {
  const metric = await readMetric(sql, parseWithPostgres);
  const count = new WindowCount(leavesOf({ metric, parameters, filter: null, groups: [] }));
  for (const each of events) count.add(each);
  const [result] = count.results(WINDOW, compileResult(metric, parameters));
  return String(result?.quantity);
}

const CALLS = [
  event({ bytes: 10, region: 'eu', userId: 'a' }),
  event({ bytes: '2.5', region: 'us', userId: 'b' }),
  event({ bytes: 'none', region: 'eu', userId: 'a' }),
  event({ region: 'ap', bytes: 0.1, fast: true }),
];

describe('the SQL of a metric', () => {
  it.each([
    ['SELECT COUNT(*) FROM events', '4'],
    ['select sum(bytes) from events', '12.6'],
    ["SELECT SUM(bytes) FROM events WHERE region = 'eu'", '10'],
    ["SELECT SUM((properties->>'bytes')::numeric * 2) AS total FROM events e;", '25.2'],
    ['SELECT COUNT(DISTINCT userId) FROM events', '2'],
    ['SELECT COUNT(bytes) FROM events', '4'],
    ['SELECT MIN(bytes) FROM events', '0.1'],
    ['SELECT MAX(bytes) FROM events', '10'],
    ['SELECT AVG(bytes) FROM events', '4.2'],
    ['SELECT SUM(bytes) / COUNT(*) FROM events', '3.15'],
    ['SELECT SUM(bytes) / 7 FROM events', '1.8'],
    ['SELECT SUM(1) / 3 FROM events WHERE bytes > 9', '0.333333333333333333'],
    ["SELECT SUM(CASE WHEN region IN ('eu','us') THEN 2 ELSE 1 END) FROM events", '7'],
    ["SELECT COUNT(*) FILTER (WHERE region <> 'eu') FROM events", '2'],
    ["SELECT COUNT(*) FROM events WHERE events.region LIKE 'e%' AND NOT fast IS TRUE", '2'],
    ['SELECT COUNT(*) FROM events WHERE fast', '1'],
    ['SELECT COUNT(*) FROM events WHERE bytes BETWEEN 0.1 AND 2.5', '2'],
    ['SELECT COUNT(*) FROM events WHERE userid IS NULL', '4'],
    ['SELECT COUNT(*) FROM events WHERE "userId" IS NULL', '1'],
    ["SELECT COUNT(*) FROM events WHERE event_name = 'call' AND timestamp >= '2026-04-01'", '4'],
    ["SELECT COUNT(*) FROM events WHERE timestamp < '2026-04-01T00:00:00Z'", '0'],
    ['SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY bytes) FROM events', '2.5'],
    ['SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY bytes) FROM events', '10'],
    ['SELECT SUM(bytes / 0) FROM events', '0'],
    ['SELECT SUM(ROUND(bytes) + FLOOR(bytes)) FROM events', '25'],
    ['SELECT MAX(bytes) FROM events WHERE false', '0'],
    ["SELECT SUM(COALESCE(bytes, 1)) FROM events WHERE region || '' = 'eu'", '10'],
  ])('%s is %s', async (sql, expected) => {
    expect(await quantity(sql, CALLS)).toBe(expected);
  });

  it('LATEST is the value of the last instant, whatever the order; WEIGHTED_SUM weighs by what is left', async () => {
    const at = (hours: number, seats: number) =>
      event({ seats }, { timestampMs: WINDOW.fromMs + hours * 3_600_000 });
    const events = [at(12, 4), at(0, 10), at(18, 8)];
    expect(await quantity('SELECT LATEST(seats) FROM events', events)).toBe('8');
    expect(await quantity('SELECT WEIGHTED_SUM(seats) FROM events', events)).toBe('14');
  });

  it('a parameter has its preset until a price gives another value', async () => {
    const sql = "SELECT COUNT(*) FROM events WHERE bytes >= PARAMETER('least', 2.5)";
    expect(await quantity(sql, CALLS)).toBe('2');
    expect(await quantity(sql, CALLS, { least: 0.1 })).toBe('3');
    const { parameters } = await readMetric(sql, parseWithPostgres);
    expect(parameters).toEqual([{ name: 'least', type: 'number', default: 2.5 }]);
  });

  it('counts no number that has more digits than any store keeps', async () => {
    const events = [
      event({ x: '1e400' }),
      event({ x: `0.${'0'.repeat(19)}1` }),
      event({ x: '1e2' }),
    ];
    expect(await quantity('SELECT SUM(x) FROM events', events)).toBe('100');
  });

  const from = ' FROM events';
  it.each([
    ['SELECT COUNT(*) FROM pg_user', 'the table pg_user'],
    ['SELECT COUNT(*) FROM usage_metering.events', 'the table usage_metering.events'],
    ['SELECT COUNT(*) FROM events, events b', 'only table'],
    ['SELECT COUNT(*) FROM events JOIN events b ON true', 'JoinExpr'],
    ['SELECT COUNT(*) FROM (SELECT 1) events', 'RangeSubselect'],
    ['SELECT COUNT(*) FROM generate_series(1, 1e9) events', 'RangeFunction'],
    ['SELECT COUNT(*)', 'FROM events'],
    [`SELECT SUM(pg_sleep(10))${from}`, 'pg_sleep'],
    [`SELECT SUM(pg_catalog.pg_sleep(10))${from}`, 'pg_sleep'],
    [`SELECT SUM(pg_read_file('/etc/passwd'))${from}`, 'pg_read_file'],
    [`SELECT COUNT(generate_series(1,100000000))${from}`, 'generate_series'],
    [`SELECT COUNT(unnest(x))${from}`, 'unnest'],
    [`SELECT COUNT((SELECT 1))${from}`, 'a subquery'],
    [`SELECT COUNT(*)${from} WHERE EXISTS (SELECT 1 FROM events)`, 'a subquery'],
    [`SELECT COUNT(*)${from}; DROP TABLE usage_event`, 'more than one statement'],
    [`SELECT COUNT(*)${from} -- x`, 'comments'],
    ['SELECT/**/COUNT(*) FROM events', 'comments'],
    [`SELECT COUNT(*)${from} WHERE a ~ '(a+)+$'`, 'regular expressions'],
    [`SELECT COUNT(*)${from} WHERE a SIMILAR TO 'x'`, 'not allowed'],
    [`SELECT COUNT(*)${from} WHERE a = $$x$$`, 'quoting'],
    [`SELECT COUNT(*)${from} WHERE a = E'\\''`, "E'…'"],
    [`SELECT COUNT(*)${from} WHERE a = U&'x'`, "U'…'"],
    [`SELECT COUNT(*)${from} WHERE a = 'x`, 'not closed'],
    [`SELECT COUNT(*)${from} WHERE a = $1`, 'numbered parameters'],
    [`SELECT COUNT(*)${from} GROUP BY a`, 'GROUP BY'],
    [`SELECT COUNT(*)${from} LIMIT 1`, 'LIMIT'],
    [`SELECT COUNT(*)${from} UNION SELECT 1`, 'not allowed'],
    [`WITH x AS (SELECT 1) SELECT COUNT(*)${from}`, 'WITH'],
    [`SELECT COUNT(*) OVER ()${from}`, 'over'],
    [`SELECT SUM(SUM(a))${from}`, 'aggregate sum'],
    [`SELECT a${from}`, 'outside of an aggregate'],
    [`SELECT 1${from}`, 'no aggregate'],
    [`SELECT COUNT(*), 1${from}`, 'exactly one value'],
    [`SELECT * ${from}`, '*'],
    [`SELECT COUNT(*)${from} WHERE current_user = 'x'`, 'CURRENT_USER'],
    [`SELECT SUM(a::regclass)${from}`, 'regclass'],
    [`SELECT SUM(a::timestamp)${from}`, 'timestamp'],
    [`SELECT SUM(properties)${from}`, "properties->>'name'"],
    [`SELECT SUM(a[1])${from}`, 'a subscript'],
    ['INSERT INTO events VALUES (1)', 'InsertStmt'],
    ['DROP TABLE events', 'DropStmt'],
    ['SELEC COUNT(*)', 'syntax error'],
    ['', 'no statement'],
    [`SELECT SUM(${'('.repeat(60)}a${')'.repeat(60)})${from}`, 'deeper than 50'],
    [`SELECT SUM(${'a+'.repeat(2_000)}a)${from}`, 'more than 1500'],
    [`SELECT SUM(${'a+'.repeat(400)}a)${from}`, 'deeper'],
    [`SELECT SUM(${'-'.repeat(1_400)}a)${from}`, 'comments'],
    [`SELECT COUNT(*)${from} WHERE a = '${'x'.repeat(11_000)}'`, 'longer than'],
    [`SELECT SUM(1e999)${from}`, 'too many digits'],
    [`SELECT COUNT(*)${from} WHERE a LIKE '${'%x'.repeat(200)}'`, 'LIKE'],
  ])('refuses %s, naming %s', async (sql, named) => {
    await expect(readMetric(sql, parseWithPostgres)).rejects.toThrow(named);
  });

  it.each([
    ["a = 'x') OR (true", 'not opened'],
    ["a = 'x'; SELECT 1", 'more than one statement'],
    ['COUNT(*) > 1', 'aggregate count'],
    ["a = 'x' -- y", 'comments'],
    ['true GROUP BY a', 'syntax error'],
  ])('refuses the filter %s, naming %s', async (text, named) => {
    await expect(readFilter(text, parseWithPostgres)).rejects.toThrow(named);
  });

  it('reads a computed property', async () => {
    const computed = await readComputed(
      'hour_floor_timestamp_millis(timestamp_millis)',
      parseWithPostgres,
    );
    expect(computed).toMatchObject({ kind: 'call', name: 'hour_floor_timestamp_millis' });
  });
});
