/**
 * Messages that wait on `usage.ingested`, through the real usage-metering into its tables: registered,
 * stored and rolled up. Against the faster of unnest and COPY of the same rows with the same unique key.
 */
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { createTopics } from '@orbit/messaging';
import { CountUsage } from '../../../apps/usage-metering/dist/aggregation/application/count-usage.js';
import { PostgresCountedMetrics } from '../../../apps/usage-metering/dist/aggregation/adapters/postgres-counted-metrics.js';
import { PostgresFills } from '../../../apps/usage-metering/dist/aggregation/adapters/postgres-fills.js';
import { PostgresLeaves } from '../../../apps/usage-metering/dist/aggregation/adapters/postgres-leaves.js';
import { PostgresUsageStore } from '../../../apps/usage-metering/dist/aggregation/adapters/postgres-reading.js';
import {
  poolSession,
  PostgresTransactions,
} from '../../../apps/usage-metering/dist/events/adapters/postgres-sessions.js';
import { parseWithPostgres } from '../../../apps/usage-metering/dist/metrics/adapters/parse-with-postgres.js';
import { readMetric } from '../../../apps/usage-metering/dist/metrics/domain/read-metric.js';
import { cpuText, watchCpu } from '../cpu.mjs';
import { median, row, short } from '../numbers.mjs';
import { wants } from '../options.mjs';
import { startMetering } from '../processes.mjs';
import { describeProfile } from '../profile.mjs';
import { deleteTopics, producerOf } from '../post/charges.mjs';
import { drained, steadyRate } from '../post/progress.mjs';
import { EMPTY, withClient } from '../servers.mjs';
import { bareRate } from './bare.mjs';

const ACCOUNT = 'acct_live';
const CUSTOMERS = 500;
const EVENTS = 100;
const REPEATED = 0.2;
const HOURS = 6;
const STEADY_SHARE = 0.2;
const DAY_MS = 86_400_000;
const SQL = 'SELECT SUM(seconds) FROM events';
const METRIC = 'metric_bench';
const TARGETS = { 'ingest-stored': 0.6, 'ingest-duplicates': 0.9 };

const customerOf = (n) => `org_bench${String(n % CUSTOMERS).padStart(6, '0')}`;

/** `share` of each message but the first of a customer are events that an earlier message of it had. */
function messagesOf(count, share) {
  const nowMs = Date.now();
  const accepted_at = new Date(nowMs).toISOString();
  const seen = new Map();
  let number = 0;
  return Array.from({ length: count }, (_, at) => {
    const customer = customerOf(at);
    const earlier = seen.get(customer) ?? [];
    const repeated = earlier.slice(0, Math.round(EVENTS * share));
    const fresh = Array.from({ length: EVENTS - repeated.length }, () => {
      const n = number++;
      return {
        idempotency_key: `call_${String(n).padStart(10, '0')}`,
        event_name: 'call',
        timestamp: new Date(nowMs - ((n * 7_919) % (HOURS * 3_600_000))).toISOString(),
        properties: { seconds: n % 100, country: '44', carrier: 'orbit-mobile' },
      };
    });
    seen.set(customer, fresh);
    const names = { account_id: ACCOUNT, customer_id: customer, external_customer_id: null };
    const value = { ...names, backfill_id: null, accepted_at, events: [...repeated, ...fresh] };
    return { key: `${ACCOUNT} ${customer}`, id: `m${at}`, timeMs: nowMs, value };
  });
}

/** A database with a metric whose rollups are kept for every customer. */
async function prepare(servers, database) {
  await servers.copyDatabase(EMPTY, database);
  await withClient(servers.adminUrlOf(database), async (admin) => {
    const tree = JSON.stringify(await readMetric(SQL, parseWithPostgres));
    await admin.query(
      `INSERT INTO usage_metering.metric (id, account_id, name, item_id, sql, tree, created_at)
       VALUES ($1, $2, 'Seconds', 'item_bench', $3, $4, now())`,
      [METRIC, ACCOUNT, SQL, tree],
    );
  });
  await withCounting(servers, database, async ({ ask, transactions }) => {
    await ask();
    await new PostgresFills(transactions, { nowMs: () => Date.now() }).run(1_000_000);
  });
  // The first question made the leaf; nothing is older than it, so it is full for everybody.
  await withClient(servers.adminUrlOf(database), async (admin) => {
    const { rowCount } = await admin.query(
      `INSERT INTO usage_metering.usage_leaf_fill (leaf_id, customer_id, filled_from)
       SELECT l.id, c, '-infinity' FROM usage_metering.usage_leaf l, unnest($1::text[]) AS c
       ON CONFLICT (leaf_id, customer_id) DO UPDATE SET filled_from = '-infinity'`,
      [Array.from({ length: CUSTOMERS }, (_, n) => customerOf(n))],
    );
    if (rowCount !== CUSTOMERS) throw new Error(`No figure: rollups of ${rowCount} customers.`);
  });
}

async function withCounting(servers, database, work) {
  const pool = new pg.Pool({
    connectionString: servers.roleUrl(database, 'usage_metering'),
    max: 4,
  });
  try {
    const transactions = new PostgresTransactions(pool);
    const metrics = new PostgresCountedMetrics(poolSession(pool));
    const leaves = new PostgresLeaves(transactions, () => undefined);
    const store = new PostgresUsageStore(transactions);
    const counting = new CountUsage(metrics, store, parseWithPostgres, leaves);
    const from = new Date(Date.now() - DAY_MS).toISOString();
    const to = new Date(Date.now() + DAY_MS).toISOString();
    const ask = () =>
      counting.usage({
        ...{ account_id: ACCOUNT, customer_ids: [customerOf(0)], windows: [{ from, to }] },
        definitions: [{ metric_id: METRIC, filter: null, grouping_keys: [] }],
      });
    return await work({ ask, transactions });
  } finally {
    await pool.end();
  }
}

/** Each key once, and rollups that say what the events say. */
async function check(servers, database, events) {
  await withClient(servers.adminUrlOf(database), async (client) => {
    const { rows } = await client.query(`
      SELECT (SELECT count(*) FROM usage_metering.usage_event WHERE state = 'visible')::int AS events,
        (SELECT count(*) FROM usage_metering.usage_key)::int AS keys,
        (SELECT sum((properties->>'seconds')::numeric) FROM usage_metering.usage_event) AS seconds,
        (SELECT sum(events) FROM usage_metering.usage_leaf_bucket)::int AS rolled,
        (SELECT sum(sum) FROM usage_metering.usage_leaf_bucket) AS sum`);
    const [found] = rows;
    const isRight =
      [found.events, found.keys, found.rolled].every((count) => count === events) &&
      Number(found.seconds) === Number(found.sum);
    if (!isRight) throw new Error(`No figure: ${JSON.stringify(found)} of ${events} events.`);
  });
}

async function round({ servers, options, name, messages, note, say }) {
  const prefix = `${name}.`;
  const database = `bench_${name.replaceAll('-', '_')}`;
  await createTopics({
    brokers: servers.brokers,
    topicPrefix: prefix,
    services: ['usage-metering'],
  });
  await prepare(servers, database);
  const producer = await producerOf(servers, prefix);
  for (let from = 0; from < messages.length; from += 200)
    await producer.publish('usage.ingested', messages.slice(from, from + 200));
  await producer.disconnect();
  await servers.checkpoint();
  const profileTo = options.isProfiling ? path.join(servers.home, 'profiles', name) : null;
  if (profileTo) fs.mkdirSync(profileTo, { recursive: true });
  const metering = await startMetering({ servers, database, prefix, profileTo });
  const pids = { metering: metering.pid, postgres: servers.pids.postgres };
  let work = null;
  try {
    const samples = await drained({
      servers,
      topic: `${prefix}usage.ingested`,
      group: `${prefix}usage-metering`,
      target: messages.length,
      check: metering.check,
      // A process that starts compiles for seconds: its events are counted from the steady middle on.
      onProgress: (done) => {
        if (done >= messages.length * STEADY_SHARE) work ??= { from: done, cpu: watchCpu(pids) };
      },
    });
    const used = work.cpu((messages.length - work.from) * EVENTS);
    const rate = steadyRate(samples, messages.length).rate * EVENTS;
    const keys = new Set(
      messages.flatMap(({ value }) => value.events.map(({ idempotency_key: key }) => key)),
    );
    await check(servers, database, keys.size);
    note(`${name}: ${short(rate)} events/s read; CPU in µs per event: ${cpuText(used)}`);
    return rate;
  } finally {
    await metering.stop();
    if (profileTo) say(describeProfile(profileTo));
    await deleteTopics(servers, prefix);
    await servers.dropDatabase(database);
  }
}

export async function ingestStoredRows({ servers, options, note, say }) {
  const count = options.isQuick ? 1_500 : 6_000;
  const plain = messagesOf(count, 0);
  // The first message of a customer has nothing to repeat.
  const doubled = messagesOf(count, (REPEATED * count) / (count - CUSTOMERS));
  const read = count * EVENTS;
  const repeats =
    read -
    new Set(doubled.flatMap(({ value }) => value.events.map((one) => one.idempotency_key))).size;
  note(
    `${read.toLocaleString('en-US')} events of ${CUSTOMERS} customers; of the doubled ones ${short((repeats / read) * 100)} % repeat`,
  );
  const given = { servers, options, note, say };
  const rates = { stored: [], doubled: [], bare: [] };
  for (let number = 1; number <= options.rounds; number++) {
    rates.bare.push(await bareRate({ servers, messages: plain, note }));
    rates.stored.push(await round({ ...given, name: `stored-${number}`, messages: plain }));
    if (!wants(options, 'ingest-duplicates')) continue;
    rates.doubled.push(await round({ ...given, name: `doubled-${number}`, messages: doubled }));
  }
  const [stored, double, bare] = [rates.stored, rates.doubled, rates.bare].map(median);
  const rowOf = (id, ours, baseline) => {
    const ratio = ours / baseline;
    const target = `≥ ${TARGETS[id]}`;
    return row({
      id,
      ours,
      baseline,
      ratio,
      target,
      holds: ratio >= TARGETS[id],
      unit: 'events/s',
    });
  };
  const first = rowOf('ingest-stored', stored, bare);
  return rates.doubled.length > 0 ? [first, rowOf('ingest-duplicates', double, stored)] : [first];
}
