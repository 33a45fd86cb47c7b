/**
 * `npm run reliability -- --service usage-metering`: kills usage-metering again and again under load, at random and at
 * each step of a batch, and then holds what it has counted against what was accepted. Its servers go with it.
 *
 *   … --kills 100 --seed 7       prints a table, writes docs/reliability-usage-metering.md
 *   … --kills 10 --no-report     a short look; prints only
 *
 * Ends with 0 when every fact holds, 1 when one does not.
 */
import { METERED_RPC } from '@orbit/contracts';
import { createTopics, patientAdmin } from '@orbit/messaging';
import { RpcClient } from '@orbit/runtime';
import { seededRandom } from '@orbit/testing';
import { Command } from 'commander';
import kafkajs from 'kafkajs';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { formatTable } from '../../../apps/cli/dist/cli/output.js';
import { FAIL_POINTS } from '../../../apps/usage-metering/dist/events/adapters/fail-points.js';
import { parseWithPostgres } from '../../../apps/usage-metering/dist/metrics/adapters/parse-with-postgres.js';
import { readMetric } from '../../../apps/usage-metering/dist/metrics/domain/read-metric.js';
import { startInfra } from '../../infra/infra.mjs';
import { makeThrowAwayHome, removeThrowAway } from '../../infra/throw-away.mjs';
import { migrate, SERVICES, withDatabase } from '../../migrate.mjs';
import { ROOT } from '../../stack/paths.mjs';
import { LedgerProcess } from '../ledger-process.mjs';
import { summarize, tableOf } from '../report.mjs';
import { closingFacts } from './closing-facts.mjs';
import { MeteringLoad } from './load.mjs';
import { startQuietInvoicing } from './quiet-invoicing.mjs';
import { usageFacts } from './usage-facts.mjs';

const DATABASE = 'orbit';
const PASSWORD = 'throw-away';
const TOPIC = 'usage.ingested';
const GROUP = 'usage-metering';
const SESSION_TIMEOUT_MS = '2000';
const PROGRESS_MS_MAX = 180_000;
const QUIET_MS_MAX = 300_000;
const ACCOUNTS = ['acct_one', 'acct_two'];
const METRICS = [
  'SELECT SUM(seconds) FROM events',
  'SELECT MAX(seconds) FROM events',
  "SELECT COUNT(DISTINCT carrier) FROM events WHERE country = '44'",
  'SELECT WEIGHTED_SUM(seconds) - LATEST(seconds) FROM events',
  'SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) FROM events',
];

const options = new Command('reliability')
  .option('--service <name>', 'usage-metering')
  .option('--kills <n>', 'how many', Number, 100)
  .option('--seed <n>', 'of what is killed and of the load', Number, Date.now() % 1_000_000)
  .option('--customers <n>', 'under load, in each of two accounts', Number, 20)
  .option('--workers <n>', 'senders at once', Number, 12)
  .option('--minutes <n>', 'stop killing after so long, whatever --kills says', Number, 60)
  .option('--no-report', 'do not write docs/reliability-usage-metering.md')
  .parse()
  .opts();
const say = (text) => process.stderr.write(`${text}\n`);

const home = makeThrowAwayHome();
try {
  const result = await run();
  process.stdout.write(`${formatTable(result.kills)}\n\n${formatTable(result.facts)}\n`);
  if (options.report) {
    fs.writeFileSync(path.join(ROOT, 'docs/reliability-usage-metering.md'), toReport(result));
  }
  process.exitCode = result.facts.every(({ violations }) => violations === 0) ? 0 : 1;
} finally {
  await removeThrowAway(home);
}
process.exit();

async function start() {
  const infra = await startInfra({ home, onProgress: (name) => say(`  ${name} is up`) });
  const adminUrl = withDatabase(infra.databaseAdminUrl, DATABASE);
  const passwords = Object.fromEntries(SERVICES.map((service) => [service, PASSWORD]));
  await migrate({ adminUrl: infra.databaseAdminUrl, database: DATABASE, passwords });
  await createTopics({ brokers: infra.kafkaBrokers, topicPrefix: '', services: [GROUP] });
  const role = new URL(adminUrl);
  role.username = 'orbit_usage_metering';
  role.password = PASSWORD;
  const env = {
    DATABASE_URL: role.href,
    KAFKA_BROKERS: infra.kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: '',
    INVOICING_RPC: await startQuietInvoicing(),
    METERING_SESSION_TIMEOUT_MS: SESSION_TIMEOUT_MS,
  };
  const instance = await LedgerProcess.create({ home, env, service: GROUP });
  const pool = new pg.Pool({ connectionString: adminUrl, max: 4 });
  // The servers end before it does when a run breaks off.
  pool.on('error', () => undefined);
  const kafka = new kafkajs.Kafka({
    ...{ clientId: 'reliability', brokers: [...infra.kafkaBrokers] },
    logLevel: kafkajs.logLevel.NOTHING,
  });
  return { instance, pool, kafka };
}

/** Metrics in both accounts whose rollups are kept, split by country. */
async function keepMetrics(pool, call) {
  for (const account_id of ACCOUNTS) {
    const definitions = [];
    for (const [n, sql] of METRICS.entries()) {
      const metric_id = `metric_${account_id}_${n}`;
      await pool.query(
        `INSERT INTO usage_metering.metric (id, account_id, name, item_id, sql, tree, created_at)
         VALUES ($1, $2, 'm', 'item', $3, $4, now())`,
        [metric_id, account_id, sql, JSON.stringify(await readMetric(sql, parseWithPostgres))],
      );
      definitions.push({ metric_id, filter: null, grouping_keys: ['country'] });
    }
    const asked = { account_id, customer_ids: ['org_usage_0'], windows: [], is_lasting: true };
    await call(METERED_RPC.usage, { ...asked, definitions });
  }
}

async function run() {
  const random = seededRandom(options.seed);
  const { instance, pool, kafka } = await start();
  const producer = kafka.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  const admin = patientAdmin(kafka.admin());
  const rpc = RpcClient.at(GROUP, instance.rpcAddress);
  const call = (pattern, payload) => rpc.call(pattern, payload);
  await Promise.all([producer.connect(), admin.connect()]);
  await instance.start();
  await keepMetrics(pool, call);
  const send = (key, value) =>
    producer.send({ topic: TOPIC, acks: -1, messages: [{ key, value: JSON.stringify(value) }] });
  const { customers, workers } = options;
  const load = new MeteringLoad({ accounts: ACCOUNTS, customers, workers, random, send, call });
  load.start();
  const startedMs = performance.now();
  const { kills, stuck } = await killAll({ instance, pool, random, startedMs });
  const notes = { stuck, unanswered: [] };
  if (!(await load.stop(PROGRESS_MS_MAX))) notes.unanswered.push('the load');
  const loadSeconds = (performance.now() - startedMs) / 1_000;
  say('  quiet; waiting until everything is read and filled');
  const left = await untilQuiet(admin, pool);
  if (left !== null) notes.unanswered.push(left);
  const found = {
    'no kill after which nothing was stored any more': notes.stuck,
    'no sender without an answer, no message that is not read': notes.unanswered,
    ...(await usageFacts(pool, load.accepted)),
    ...(await closingFacts({ call, accepted: load.accepted, accounts: ACCOUNTS, load })),
    'dead letters': await deadLetters(admin),
  };
  const facts = Object.entries(found).map(([fact, ids]) => ({
    fact: fact.startsWith('no ') ? fact : `no ${fact}`,
    ...{ violations: ids.length, examples: ids.slice(0, 3).join(' ') },
  }));
  await instance.stop();
  rpc.close();
  await Promise.all([producer.disconnect(), admin.disconnect(), pool.end()]);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString();
  return {
    ...{ facts, loadSeconds, load: load.counts, accepted: load.accepted.size },
    ...{ killed: kills.length, kills: summarize(kills), commit: commit.trim() },
  };
}

/** By turns: one at random, and one at a step, which the process that comes back carries. */
async function killAll({ instance, pool, random, startedMs }) {
  const kills = [];
  try {
    for (let n = 0; kills.length < options.kills; n++) {
      if ((performance.now() - startedMs) / 60_000 > options.minutes) break;
      await sleep(random.integer(50, 1_500));
      const sinceMs = performance.now();
      await instance.kill();
      kills.push({ target: GROUP, failPoint: null, bookedMs: null });
      if (kills.length < options.kills) {
        const failPoint = FAIL_POINTS[n % FAIL_POINTS.length];
        instance.spawn(`${failPoint}:${random.integer(1, 4)}`);
        const { signal } = await within(instance.exited, failPoint);
        if (signal !== 'SIGKILL') throw new Error(`${failPoint}: it ended with ${signal}`);
        kills.push({ target: GROUP, failPoint, bookedMs: null });
      }
      await instance.start();
      await untilMore(pool);
      kills.at(-1).bookedMs = performance.now() - sinceMs;
      say(`  ${kills.length} of ${options.kills}: ${kills.at(-1).failPoint ?? 'at random'}`);
    }
    return { kills, stuck: [] };
  } catch (error) {
    say(`  ${error.message}`);
    await instance.kill();
    await instance.start();
    return { kills, stuck: [error.message] };
  }
}

async function within(work, name) {
  const late = sleep(PROGRESS_MS_MAX, null, { ref: false });
  const ended = await Promise.race([work, late]);
  if (ended === null) throw new Error(`${name} was not passed`);
  return ended;
}

async function untilMore(pool) {
  const count = async () =>
    Number((await pool.query('SELECT count(*) AS n FROM usage_metering.usage_key')).rows[0].n);
  const before = await count();
  const deadlineMs = performance.now() + PROGRESS_MS_MAX;
  while ((await count()) <= before) {
    if (performance.now() > deadlineMs) throw new Error('Nothing was stored after a kill');
    await sleep(100);
  }
}

/** The work left to do when that takes too long, else null. */
async function untilQuiet(admin, pool) {
  const deadlineMs = performance.now() + QUIET_MS_MAX;
  for (;;) {
    const left = await leftToDo(admin, pool);
    if (left === null || performance.now() > deadlineMs) return left;
    await sleep(500);
  }
}

async function leftToDo(admin, pool) {
  const ends = new Map(
    (await admin.fetchTopicOffsets(TOPIC)).map(({ partition, high }) => [partition, BigInt(high)]),
  );
  const [{ partitions }] = await admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] });
  const isRead = partitions.every(
    ({ partition, offset }) => BigInt(offset) >= ends.get(partition) || ends.get(partition) === 0n,
  );
  if (!isRead) return 'messages that are not read';
  const { rows } = await pool.query(
    `SELECT (SELECT count(*) FROM usage_metering.usage_leaf_fill WHERE filled_from > '-infinity')
       + (SELECT count(*) FROM usage_metering.usage_leaf_bucket WHERE is_dirty) AS n`,
  );
  return Number(rows[0].n) === 0 ? null : `${rows[0].n} rollups that are not filled`;
}

async function deadLetters(admin) {
  const offsets = await admin.fetchTopicOffsets(`${TOPIC}.dlq`);
  return offsets
    .filter(({ high }) => high !== '0')
    .map(({ partition }) => `${TOPIC}.dlq-${partition}`);
}

function toReport({ killed, loadSeconds, kills, facts, load, accepted, commit }) {
  const bad = facts.filter(({ violations }) => violations > 0);
  return `# Reliability of usage-metering

Written by \`npm run reliability -- --service usage-metering\` (\`tools/reliability/metering/run.mjs\`) after its last full run. Do not edit.

usage-metering was ended with \`kill -9\` ${killed} times in ${(loadSeconds / 60).toFixed(1)} minutes under load, by turns at a random moment and at a step of a batch. **${bad.length === 0 ? 'Every fact below held.' : `${bad.length} facts did not hold.`}**

Repeat it: \`npm run reliability -- --service usage-metering --kills ${killed} --seed ${options.seed}\`. Code: ${commit}. Machine: ${os.cpus().length} cores, Node ${process.versions.node}, everything on it at once.

A place names the last thing that a transaction had done. The time counts from the kill until events were stored again.

${tableOf(kills)}

${accepted} events were accepted in ${load.messages} messages; ${load.amended} were amended, ${load.deprecated} deprecated, ${load.refused} corrections refused, ${load.repeats} requests repeated because nobody answered.

${tableOf(facts.map((fact) => ({ ...fact, examples: fact.examples || '–' })))}
`;
}
