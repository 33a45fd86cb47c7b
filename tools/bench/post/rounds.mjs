/** One round of the posting benchmark: our ledger, or the straight pipe, over the same messages. */
import fs from 'node:fs';
import path from 'node:path';
import { makeTopics } from '@orbit/messaging/raw';
import { watchCpu } from '../cpu.mjs';
import { describeProfile } from '../profile.mjs';
import { startLedger, startNode } from '../processes.mjs';
import { checkBooks, checkHotBalances, checkPipe, checkResults } from './checks.mjs';
import { adminOf, drained, steadyRate, topicEnds } from './progress.mjs';

let groupCount = 0;

/** Progress in tenths. */
function tenths(label, target, say) {
  let shown = 0;
  return (done) => {
    const tenth = Math.floor((done / target) * 10);
    if (tenth > shown) say(`${label}: ${tenth * 10} %`);
    shown = Math.max(shown, tenth);
  };
}

/**
 * The real wallet-ledger on a copy of `template`. Answers rate, drain time, memory and the size of a
 * result. Errors: any check is off.
 */
export async function ledgerRound(round) {
  const { servers, stage, template, charges, before = 0, options, say, isAudited } = round;
  const { prefix, label } = stage;
  const database = 'bench_round';
  await servers.copyDatabase(template, database);
  await servers.emptyRedis();
  await servers.checkpoint();
  const group = `ours${++groupCount}`;
  const from = await topicEnds(servers, `${prefix}charge.posted`);
  const profileTo = options.isProfiling ? path.join(servers.home, 'profiles', group) : null;
  if (profileTo) fs.mkdirSync(profileTo, { recursive: true });
  const startedMs = performance.now();
  const cpu = watchCpu(servers.pids);
  const ledger = await startLedger({ servers, database, prefix, group, profileTo });
  let samples;
  let memory;
  let cpuMicros;
  try {
    samples = await drained({
      servers,
      topic: `${prefix}charge.requested`,
      group: `${prefix}${group}`,
      target: charges,
      check: ledger.check,
      onProgress: tenths(`${label}, ours`, charges, say),
    });
    memory = ledger.memory();
    cpuMicros = { 'wallet-ledger': (ledger.cpuMs() * 1_000) / charges, ...cpu(charges) };
  } finally {
    await ledger.stop();
  }
  if (profileTo) say(describeProfile(profileTo));
  const resultBytes = await checkResults(servers, prefix, from, charges);
  await checkBooks(servers, database, { before, charges, isAudited });
  await checkHotBalances(servers, database, stage.organizations);
  await servers.dropDatabase(database);
  return finish({ samples, charges, startedMs, memory, cpuMicros, resultBytes });
}

/** The pipe without logic on a copy of `template`. */
export async function pipeRound({ servers, stage, template, charges, resultBytes, writer, say }) {
  const { prefix, label } = stage;
  const database = 'bench_round';
  const topic = `${prefix}charge.requested`;
  const resultTopic = `${prefix}bench.results`;
  await servers.copyDatabase(template, database);
  await servers.emptyRedis();
  await createResultTopic(servers, resultTopic);
  await servers.checkpoint();
  const from = await topicEnds(servers, resultTopic);
  const group = `${prefix}pipe${++groupCount}`;
  const startedMs = performance.now();
  const cpu = watchCpu(servers.pids);
  const pipe = await startNode({
    servers,
    name: 'pipe',
    script: 'tools/bench/post/pipe.mjs',
    env: {
      NODE_ENV: 'production',
      BENCH_PIPE: JSON.stringify({
        brokers: servers.brokers,
        redisUrl: servers.redisUrl,
        databaseUrl: servers.adminUrlOf(database),
        topic,
        group,
        resultTopic,
        resultBytes,
        writer,
        connections: 3,
      }),
    },
  });
  let samples;
  let memory;
  let cpuMicros;
  try {
    samples = await drained({
      servers,
      topic,
      group,
      target: charges,
      check: pipe.check,
      onProgress: tenths(`${label}, pipe (${writer})`, charges, say),
    });
    memory = pipe.memory();
    cpuMicros = { pipe: (pipe.cpuMs() * 1_000) / charges, ...cpu(charges) };
  } finally {
    await pipe.stop();
  }
  await checkPipe(servers, database, { from, topic: resultTopic, charges });
  await servers.dropDatabase(database);
  return finish({ samples, charges, startedMs, memory, cpuMicros, resultBytes });
}

function finish({ samples, charges, startedMs, ...rest }) {
  return {
    ...steadyRate(samples, charges),
    drainMs: samples.at(-1).ms - startedMs,
    ...rest,
  };
}

async function createResultTopic(servers, topic) {
  const admin = adminOf(servers);
  await admin.connect();
  try {
    await makeTopics(admin, [
      {
        topic,
        numPartitions: 6,
        configEntries: [{ name: 'max.message.bytes', value: String(8 * 1024 * 1024) }],
      },
    ]);
  } finally {
    await admin.disconnect();
  }
}
