/** Usage of one customer over 30 days in daily windows, many events stored, against the same with ten thousand. */
import pg from 'pg';
import { CountUsage } from '../../apps/usage-metering/dist/aggregation/application/count-usage.js';
import { PostgresCountedMetrics } from '../../apps/usage-metering/dist/aggregation/adapters/postgres-counted-metrics.js';
import { PostgresFills } from '../../apps/usage-metering/dist/aggregation/adapters/postgres-fills.js';
import { PostgresLeaves } from '../../apps/usage-metering/dist/aggregation/adapters/postgres-leaves.js';
import {
  PostgresReading,
  PostgresUsageStore,
} from '../../apps/usage-metering/dist/aggregation/adapters/postgres-reading.js';
import {
  poolSession,
  PostgresTransactions,
} from '../../apps/usage-metering/dist/events/adapters/postgres-sessions.js';
import { parseWithPostgres } from '../../apps/usage-metering/dist/metrics/adapters/parse-with-postgres.js';
import { readMetric } from '../../apps/usage-metering/dist/metrics/domain/read-metric.js';
import { quantile, row, short } from './numbers.mjs';
import { EMPTY, withClient } from './servers.mjs';
import { loadEvents, rollUp, wrongRollups } from './usage/load.mjs';

const DATABASE = 'bench_usage';
const ACCOUNT = 'acct_bench';
const START_MS = Date.UTC(2026, 9, 1);
const DAY_MS = 86_400_000;
const FEW = 10_000;
const RATIO_MAX = 1.5;
const SQL = 'SELECT SUM(bytes) FROM events';

const windows = Array.from({ length: 30 }, (_, day) => ({
  from: new Date(START_MS + day * DAY_MS).toISOString(),
  to: new Date(START_MS + (day + 1) * DAY_MS).toISOString(),
}));

export async function runUsage({ servers, options, say, note }) {
  const many = options.isQuick ? 200_000 : 10_000_000;
  await servers.copyDatabase(EMPTY, DATABASE);
  const adminUrl = servers.adminUrlOf(DATABASE);
  const pool = new pg.Pool({
    connectionString: servers.roleUrl(DATABASE, 'usage_metering'),
    max: 4,
  });
  try {
    await withClient(adminUrl, async (admin) => {
      const tree = JSON.stringify(await readMetric(SQL, parseWithPostgres));
      await admin.query(
        `INSERT INTO usage_metering.metric (id, account_id, name, item_id, sql, tree, created_at)
         VALUES ('metric_bench', $1, 'Bytes', 'item_bench', $2, $3, now())`,
        [ACCOUNT, SQL, tree],
      );
    });
    const ask = asking(pool);
    await fill({ adminUrl, pool, ask, many, say, note });
    return [await measure({ ask, many, options, note })];
  } finally {
    await pool.end();
    await servers.dropDatabase(DATABASE);
  }
}

/** Events of two customers. What rolls up the few is the product; the many get the same by one statement, and are recounted. */
async function fill({ adminUrl, pool, ask, many, say, note }) {
  const customer = { accountId: ACCOUNT, startMs: START_MS, days: windows.length };
  const [few, much] = [FEW, many].map((count) => ({ ...customer, count, id: `org_${count}` }));
  await loadEvents(adminUrl, few);
  const fromEvents = await ask(FEW);
  await new PostgresFills(new PostgresTransactions(pool), { nowMs: () => Date.now() }).run(1_000);
  expectSame(await ask(FEW), fromEvents, 'rollups answer something else than events');
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1_000).toFixed(0);
  say(`${many.toLocaleString('en-US')} events of one customer are stored`);
  await loadEvents(adminUrl, much);
  note(`${many.toLocaleString('en-US')} events stored after ${seconds()} s`);
  await withClient(adminUrl, async (admin) => {
    const wrong = await wrongRollups(admin, few);
    if (wrong > 0)
      throw new Error(`No figure: ${wrong} rollups are not as the product makes them.`);
    await rollUp(admin, much);
  });
  const [day] = windows.slice(7);
  const recounted = await asking(pool, (sql) => new WithoutRollups(sql))(many, [day]);
  expectSame(await ask(many, [day]), recounted, 'a day of rollups is not what its events are');
  note(`rolled up and one day of them recounted after ${seconds()} s`);
}

class WithoutRollups extends PostgresReading {
  rolledLeaves() {
    return Promise.resolve(new Map());
  }
}

function expectSame(one, other, fault) {
  if (one.faults.length > 0 || JSON.stringify(one) !== JSON.stringify(other)) {
    throw new Error(`No figure: ${fault}.`);
  }
}

function asking(pool, readingOn) {
  const transactions = new PostgresTransactions(pool);
  const metrics = new PostgresCountedMetrics(poolSession(pool));
  const leaves = new PostgresLeaves(transactions, () => undefined);
  const store = new PostgresUsageStore(transactions, readingOn);
  const counting = new CountUsage(metrics, store, parseWithPostgres, leaves);
  return (count, asked = windows) =>
    counting.usage({
      account_id: ACCOUNT,
      customer_ids: [`org_${count}`],
      definitions: [{ metric_id: 'metric_bench', filter: null, grouping_keys: [] }],
      windows: asked,
    });
}

async function measure({ ask, many, options, note }) {
  const times = { [FEW]: [], [many]: [] };
  const untilMs = performance.now() + options.rounds * options.seconds * 2_000;
  while (performance.now() < untilMs) {
    for (const count of [FEW, many]) {
      const beginMs = performance.now();
      const answer = await ask(count);
      times[count].push(performance.now() - beginMs);
      const total = answer.results[0]?.windows.reduce(
        (sum, { groups }) => sum + (groups[0]?.event_count ?? 0),
        0,
      );
      if (total !== count) throw new Error(`No figure: ${total} of ${count} events were counted.`);
    }
  }
  const [ours, baseline] = [quantile(times[many], 0.99), quantile(times[FEW], 0.99)];
  note(
    `${times[many].length} questions each; medians ${short(quantile(times[many], 0.5))} and ${short(quantile(times[FEW], 0.5))} ms`,
  );
  const ratio = ours / baseline;
  const target = `≤ ${RATIO_MAX}`;
  return row({
    id: 'usage-30-days',
    ours,
    baseline,
    ratio,
    target,
    holds: ratio <= RATIO_MAX,
    unit: 'ms, p99',
  });
}
