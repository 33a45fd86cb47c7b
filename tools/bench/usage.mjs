/** Usage of one customer over 30 days in daily windows, many events stored, against the same with ten thousand. */
import pg from 'pg';
import { CountUsage } from '../../apps/usage-metering/dist/aggregation/application/count-usage.js';
import { PostgresCountedMetrics } from '../../apps/usage-metering/dist/aggregation/adapters/postgres-counted-metrics.js';
import { PostgresFills } from '../../apps/usage-metering/dist/aggregation/adapters/postgres-fills.js';
import { PostgresLeaves } from '../../apps/usage-metering/dist/aggregation/adapters/postgres-leaves.js';
import { PostgresUsageStore } from '../../apps/usage-metering/dist/aggregation/adapters/postgres-reading.js';
import {
  poolSession,
  PostgresTransactions,
} from '../../apps/usage-metering/dist/events/adapters/postgres-sessions.js';
import { parseWithPostgres } from '../../apps/usage-metering/dist/metrics/adapters/parse-with-postgres.js';
import { readMetric } from '../../apps/usage-metering/dist/metrics/domain/read-metric.js';
import { quantile, row, short } from './numbers.mjs';
import { EMPTY, withClient } from './servers.mjs';

const DATABASE = 'bench_usage';
const ACCOUNT = 'acct_bench';
const START_MS = Date.UTC(2026, 9, 1);
const DAY_MS = 86_400_000;
const FEW = 10_000;
const RATIO_MAX = 1.5;
const SQL = 'SELECT SUM(bytes) FROM events';

const INSERT = `
  INSERT INTO usage_metering.usage_event (event_no, account_id, idempotency_key, key_hash, version,
    customer_id, event_name, event_time, properties, state, ingested_at, fingerprint)
  SELECT nextval('usage_metering.usage_event_no'), '${ACCOUNT}', $1 || i, md5($1 || i)::uuid, 1, $1,
    'call', to_timestamp($3::float8 / 1000) + (i::float8 / $2) * interval '30 days',
    jsonb_build_object('bytes', i % 100), 'visible', now(), md5('f' || $1 || i)::uuid
  FROM generate_series(0, $2::integer - 1) AS i`;

const windows = Array.from({ length: 30 }, (_, day) => ({
  from: new Date(START_MS + day * DAY_MS).toISOString(),
  to: new Date(START_MS + (day + 1) * DAY_MS).toISOString(),
}));

export async function runUsage({ servers, options, say, note }) {
  const many = options.isQuick ? 200_000 : 10_000_000;
  await servers.copyDatabase(EMPTY, DATABASE);
  await withClient(servers.adminUrlOf(DATABASE), async (admin) => {
    const tree = JSON.stringify(await readMetric(SQL, parseWithPostgres));
    await admin.query(
      `INSERT INTO usage_metering.metric (id, account_id, name, item_id, sql, tree, created_at)
       VALUES ('metric_bench', $1, 'Bytes', 'item_bench', $2, $3, now())`,
      [ACCOUNT, SQL, tree],
    );
    for (const count of [FEW, many]) {
      say(`${count.toLocaleString('en-US')} events of one customer are stored`);
      await admin.query(INSERT, [`org_${count}`, count, START_MS]);
    }
    await admin.query('VACUUM ANALYZE usage_metering.usage_event');
  });
  const pool = new pg.Pool({
    connectionString: servers.roleUrl(DATABASE, 'usage_metering'),
    max: 4,
  });
  try {
    return [await measure({ pool, many, options, say, note })];
  } finally {
    await pool.end();
    await servers.dropDatabase(DATABASE);
  }
}

async function measure({ pool, many, options, say, note }) {
  const transactions = new PostgresTransactions(pool);
  const metrics = new PostgresCountedMetrics(poolSession(pool));
  const leaves = new PostgresLeaves(transactions, () => undefined);
  const store = new PostgresUsageStore(transactions);
  const counting = new CountUsage(metrics, store, parseWithPostgres, leaves);
  const ask = (count) =>
    counting.usage({
      account_id: ACCOUNT,
      customer_ids: [`org_${count}`],
      definitions: [{ metric_id: 'metric_bench', filter: null, grouping_keys: [] }],
      windows,
    });
  const fromEvents = await ask(FEW);
  const clock = { nowMs: () => Date.now() };
  say('rollups are filled from what is stored');
  const startedMs = performance.now();
  const steps = await new PostgresFills(transactions, clock).run(1_000_000);
  note(
    `${steps} steps filled rollups in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`,
  );
  if (JSON.stringify(await ask(FEW)) !== JSON.stringify(fromEvents)) {
    throw new Error('No figure: rollups answer something else than events.');
  }
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
