/** Durable posting: charges waiting in Kafka → committed, hot balances set, results published, offsets committed. */
import { cpuText } from './cpu.mjs';
import { wants } from './options.mjs';
import { median, row } from './numbers.mjs';
import { storeRows } from './post/store.mjs';
import { deleteTopics, fundedDatabase, organizationsOf, waitingCharges } from './post/charges.mjs';
import { ledgerRound, pipeRound } from './post/rounds.mjs';
import { readBetween } from './post/results.mjs';
import { memoryRows, storedRows } from './post/stored.mjs';

const WALLETS = 1_000;
const FUNDED = 'bench_funded';
/** About what a result of ours takes; the counted rounds use the true figure. */
const RESULT_BYTES = 620;
const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;
const perSecond = (rate) => `${Math.round(rate).toLocaleString('en-US')}/s`;

export async function runPost({ servers, options, say, note }) {
  const rows = [];
  const organizations = organizationsOf(WALLETS);
  say(`${WALLETS} wallets are opened by RPC and topped up generously through topup.completed`);
  await fundedDatabase(servers, FUNDED, organizations);
  if (wants(options, 'store-only')) {
    rows.push(
      ...(await storeRows({ servers, options, template: FUNDED, organizations, say, note })),
    );
  }
  if (wants(options, 'post-1000', 'post-hot')) {
    rows.push(...(await drainRows({ servers, options, organizations, say, note })));
  }
  if (wants(options, 'post-stored-1m', 'post-stored-10m')) {
    const charges = options.isQuick ? 60_000 : 120_000;
    const stage = await stageOf(servers, 'stored', organizations, charges, say);
    const context = { servers, options, template: FUNDED, stage, charges, say, note };
    rows.push(...(await storedRows(context)));
    await deleteTopics(servers, stage.prefix);
  }
  if (wants(options, 'post-memory')) {
    const makeStage = (name, count) => stageOf(servers, name, organizations, count, say);
    const few = options.isQuick ? 60_000 : 100_000;
    rows.push(...(await memoryRows({ servers, options, template: FUNDED, makeStage, few, say })));
  }
  return rows;
}

async function stageOf(servers, name, organizations, charges, say) {
  const stage = { prefix: `${name}.`, label: name, organizations };
  await waitingCharges(servers, stage.prefix, organizations, charges, say);
  // Read once by a stranger: so Kafka's own code for it is compiled before the first round, whose ever it is.
  const topic = `${stage.prefix}charge.requested`;
  let read = 0;
  await readBetween({ servers, topic, from: [], take: () => (read += 1) });
  if (read !== charges) throw new Error(`No figure: ${read} of ${charges} messages can be read.`);
  return stage;
}

async function drainRows({ servers, options, organizations, say, note }) {
  const charges = options.isQuick ? 120_000 : 200_000;
  const context = { servers, template: FUNDED, charges, options, say };
  const stage = await stageOf(servers, 'post1000', organizations, charges, say);
  const hot = wants(options, 'post-hot')
    ? await stageOf(servers, 'posthot', organizations.slice(0, 1), charges, say)
    : null;
  const writers = options.isQuick ? ['copy'] : ['copy', 'unnest'];
  const rates = { ours: [], hot: [], copy: [], unnest: [] };
  const noteRound = (name, round) => {
    const { rate, ms, drainMs, memory, cpuMicros } = round;
    note(
      `${name}: ${perSecond(rate)} over a steady ${seconds(ms)}; all ${charges.toLocaleString('en-US')} drained ` +
        `in ${seconds(drainMs)} from the start of the process; peak memory ${memory?.peakMb ?? '?'} MB, CPU in µs per charge: ${cpuText(cpuMicros)}`,
    );
  };
  // Kafka compiles its code while it works: the first round of a run pays for that, and does not count.
  await pipeRound({ ...context, stage, writer: 'copy', resultBytes: RESULT_BYTES });
  for (let number = 1; number <= options.rounds; number++) {
    const ours = await ledgerRound({ ...context, stage });
    rates.ours.push(ours.rate);
    noteRound('post-1000, ours', ours);
    if (options.isProfiling && !wantsBaseline(options)) continue;
    for (const writer of writers) {
      const pipe = await pipeRound({ ...context, stage, writer, resultBytes: ours.resultBytes });
      rates[writer].push(pipe.rate);
      noteRound(`post-1000, pipe (${writer})`, pipe);
    }
    if (hot) {
      const one = await ledgerRound({ ...context, stage: hot });
      rates.hot.push(one.rate);
      noteRound('post-hot, ours', one);
    }
  }
  await deleteTopics(servers, stage.prefix);
  if (hot) await deleteTopics(servers, hot.prefix);
  return toRows(rates, options);
}

const wantsBaseline = (options) => !options.isProfiling || options.rounds > 1;

function toRows(rates, options) {
  const rows = [];
  const ours = median(rates.ours);
  const unit = 'charges/s';
  const baseline = Math.max(
    ...[rates.copy, rates.unnest].filter((list) => list.length > 0).map(median),
  );
  if (wants(options, 'post-1000') && Number.isFinite(baseline)) {
    const ratio = ours / baseline;
    rows.push(
      row({ id: 'post-1000', ours, baseline, ratio, target: '≥ 0.8', holds: ratio >= 0.8, unit }),
    );
  }
  if (rates.hot.length > 0) {
    const hot = median(rates.hot);
    const ratio = hot / ours;
    rows.push(
      row({
        id: 'post-hot',
        ours: hot,
        baseline: ours,
        ratio,
        target: '≥ 0.9',
        holds: ratio >= 0.9,
        unit,
      }),
    );
  }
  return rows;
}
