import { setTimeout as sleep } from 'node:timers/promises';
import { isDeadLetterTopic, readJson, readLetters } from './dead-letters.mjs';
import { Interrupted, UsageError } from './faults.mjs';
import { examples } from './frame.mjs';
import {
  isBackwards,
  parsePosition,
  planRanges,
  readBounds,
  readRanges,
  readTimeOffsets,
} from './kafka-range.mjs';
import { rawSender } from './kafka-send.mjs';
import {
  countAll,
  countRead,
  loadState,
  newReplayId,
  newState,
  rangesLeft,
  saveState,
} from './replay-state.mjs';
import { newShadow, resumeShadow, runShadow } from './shadow.mjs';

const REPLAY_HEADER = 'orbit_replay';
const CHUNK_SIZE_MAX = 500;
/** With a rate, so many sends a second: an even flow instead of one burst. */
const CHUNKS_PER_SECOND = 4;

/** `orbit replay`: sends a part of a topic's history through the live consumer again. */
export function register(program, context) {
  const replay = program
    .command('replay [topic]')
    .summary('send history through the live consumer again')
    .description(
      `Send a range of a topic to the same topic again, byte for byte, for the live consumer to take.
Whatever was decided stays decided (ids are kept), so a replay repairs what downstream missed and
changes no balance. Left out: copies that an earlier replay made, and messages that lie with the
dead letters ("orbit dlq retry" is for those). Ctrl-C stops between two sends; --resume goes on.

A position is an instant (2026-05-16T11:00:00Z, or -2h), an offset for every partition (1200), offsets
by partition (0:1200,3:80), earliest or latest. The range is half open: --to itself is not sent.`,
    )
    .option('--from <position>', 'first message of the range')
    .option('--to <position>', 'end of the range', 'latest')
    .option('--wallet <org[:currency]>', 'only messages of this organization, or of this wallet')
    .option('--rate <n/s>', 'messages a second at most')
    .option('--dry-run', 'count what would be sent, and send nothing')
    .option('--resume <id>', 'go on with a replay that was interrupted')
    .option(
      '--shadow',
      'send nothing: decide charge.requested and topup.completed again in a scratch schema of the\ndatabase, and end with 1 when any wallet comes out differently',
    )
    .option('--keep', 'with --shadow: leave the scratch schema there')
    .action((topic, options) =>
      options.shadow ? shadow(context, topic, options) : run(context, topic, options),
    );
  examples(
    replay,
    'replay charge.requested --from 2026-05-16T11:00:00Z --to 2026-05-16T12:00:00Z --dry-run',
    'replay charge.requested --from -2h --wallet org_…:USD',
    'replay topup.completed --from 0:120 --to 0:180 --rate 100/s',
    'replay --resume rpl_20260516T110000Z_1a2b3c',
    'replay charge.requested --shadow --json',
  );
}

/** `org_…` or `org_…:USD`. */
export function parseWallet(text) {
  if (text === undefined) return null;
  const [organizationId, currency, ...rest] = text.split(':');
  if (!organizationId || currency === '' || rest.length > 0) {
    throw new UsageError(`--wallet "${text}" is no organization id, nor org:CUR.`);
  }
  return { organizationId, currency: currency ?? null };
}

/** Messages a second: `200` or `200/s`. */
export function parseRate(text) {
  if (text === undefined) return null;
  const match = /^(\d+)(\/s)?$/.exec(text);
  if (!match || Number(match[1]) === 0) throw new UsageError(`--rate "${text}" is no N/s.`);
  return Number(match[1]);
}

/** Whether a message belongs to the wallet: its value says so, or, without a currency asked, its key. */
export function isOfWallet(message, wallet) {
  if (wallet === null) return true;
  const value = readJson(message.value);
  const { organizationId, currency } = wallet;
  if (currency === null) {
    return (value?.organization_id ?? message.key?.toString()) === organizationId;
  }
  return (
    value?.organization_id === organizationId &&
    typeof value.currency === 'string' &&
    value.currency.toUpperCase() === currency.toUpperCase()
  );
}

/** Why a message is not sent again: a key of `skipped`, or null when it is. */
export function skipReason(message, partition, { wallet, deadLetters }) {
  if (message.headers?.[REPLAY_HEADER]) return 'copies';
  if (deadLetters.has(`${partition}:${message.offset}`)) return 'dead_letters';
  return isOfWallet(message, wallet) ? null : 'other_wallets';
}

async function run(context, topic, options) {
  const state = options.resume
    ? resumed(context, topic, options)
    : await planned(context, topic, options);
  const { dryRun } = options;
  const deadLetters = await readDeadLetterSources(context, state.topic);
  const filter = { wallet: state.wallet, deadLetters };
  const progress = context.progress(dryRun ? 'counted' : 'read', countAll(state), countRead(state));
  if (!dryRun) {
    await context.confirm(question(state));
    context.say(`Replay ${state.id} of ${state.topic}`);
    saveState(context.home, state);
  }
  const send = dryRun ? async () => undefined : await sender(context, state);
  try {
    await readRanges(
      await context.kafka(),
      context.topicPrefix + state.topic,
      rangesLeft(state),
      (partition, messages) =>
        sendMessages(
          context,
          state,
          partition,
          messages,
          filter,
          (chunk) => send(chunk),
          progress,
          dryRun,
        ),
      context.interruption,
    );
  } catch (error) {
    // What was sent is noted. A wrong range stays wrong; whatever else broke may be mended.
    if (!dryRun && !(error instanceof UsageError)) context.say(`Broken off. ${goOnWith(state)}`);
    throw error;
  }
  progress.finish();
  // Kafka's own marks of transactions, and what was aborted, are never handed over.
  if (!context.interruption.aborted) for (const range of state.ranges) range.next = range.to;
  const isDone = rangesLeft(state).length === 0;
  state.status = isDone ? 'done' : 'interrupted';
  if (!dryRun) saveState(context.home, state);
  context.print(toResult(state, dryRun));
  if (!isDone) {
    throw new Interrupted(dryRun ? 'Interrupted.' : `Interrupted. ${goOnWith(state)}`);
  }
}

/** Copies that are sent cannot be called back, and what reads the topic handles them. */
function question(state) {
  const { topic, wallet } = state;
  const left = countAll(state) - countRead(state);
  const which = wallet === null ? '' : ` that belong to ${walletName(wallet)}`;
  return `Read ${left} messages of ${topic} and send those${which} to it again?`;
}

const walletName = ({ organizationId, currency }) =>
  currency === null ? organizationId : `${organizationId}:${currency}`;

const goOnWith = ({ id }) => `Go on with: npm run orbit -- replay --resume ${id}`;

/** History decided again beside the live books; see shadow.mjs. */
async function shadow(context, topic, { from, to, wallet, resume, keep }) {
  if (resume) return runShadow(context, resumeShadow(context, resume), { keep });
  if (topic === undefined) throw new UsageError('Name a topic.');
  const nowMs = Date.now();
  const state = newShadow({
    id: newReplayId(nowMs),
    topic,
    wallet: parseWallet(wallet),
    from: from ?? 'earliest',
    to,
    nowMs,
  });
  // A wrong position is told before anything is made.
  readRange(state.from, to, nowMs);
  return runShadow(context, state, { keep });
}

function readRange(from, to, nowMs) {
  const [start, end] = [from, to].map((position) => parsePosition(position, nowMs));
  if (isBackwards(start, end)) {
    throw new UsageError(`--from ${from} lies after --to ${to}: there is nothing between them.`);
  }
  return [start, end];
}

function resumed(context, topic, { resume, from, wallet, rate, dryRun }) {
  if (from !== undefined || wallet !== undefined || dryRun) {
    throw new UsageError('--resume goes on as the replay began: only --rate may change.');
  }
  const state = loadState(context.home, resume);
  if (state.kind === 'shadow') throw new UsageError(`${resume} is a shadow: add --shadow.`);
  if (topic !== undefined && topic !== state.topic) {
    throw new UsageError(`${resume} is a replay of ${state.topic}.`);
  }
  return { ...state, rate: parseRate(rate) ?? state.rate };
}

async function planned(context, topic, { from, to, wallet, rate }) {
  if (topic === undefined) throw new UsageError('Name a topic.');
  if (from === undefined) throw new UsageError('--from is missing: where does the range begin?');
  if (isDeadLetterTopic(topic)) {
    throw new UsageError(`${topic} is not replayed: "orbit dlq retry ${topic}" sends its letters.`);
  }
  const nowMs = Date.now();
  const [start, end] = readRange(from, to, nowMs);
  const asked = { wallet: parseWallet(wallet), rate: parseRate(rate) };
  const admin = await context.kafkaAdmin();
  const name = context.topicPrefix + topic;
  const bounds = await readBounds(admin, name);
  const ranges = await planRanges(start, end, bounds, (ms) => readTimeOffsets(admin, name, ms));
  return newState({ id: newReplayId(nowMs), topic, ...asked, ranges, nowMs });
}

/** "partition:offset" of every message that was set aside, whatever became of it since. */
async function readDeadLetterSources(context, topic) {
  const admin = await context.kafkaAdmin();
  const known = await admin.listTopics();
  if (!known.includes(`${context.topicPrefix}${topic}.dlq`)) return new Set();
  const letters = await readLetters(context, admin, topic);
  return new Set(letters.map(({ source }) => source));
}

/** Sends chunk after chunk; each is safe in Kafka, and then noted, before the next is taken. */
async function sendMessages(context, state, partition, messages, filter, send, progress, dryRun) {
  const range = state.ranges.find((other) => other.partition === partition);
  const size = state.rate === null ? CHUNK_SIZE_MAX : chunkSize(state.rate);
  for (let at = 0; at < messages.length && !context.interruption.aborted; at += size) {
    const chunk = messages.slice(at, at + size);
    const wanted = [];
    for (const message of chunk) {
      const reason = skipReason(message, partition, filter);
      if (reason === null) wanted.push(toCopy(message, partition, state.id));
      else state.skipped[reason] += 1;
    }
    if (wanted.length > 0) await send(wanted);
    state.sent += wanted.length;
    range.next = BigInt(chunk.at(-1).offset) + 1n;
    if (!dryRun) saveState(context.home, state);
    progress.advance(chunk.length);
  }
}

const chunkSize = (rate) =>
  Math.max(1, Math.min(CHUNK_SIZE_MAX, Math.floor(rate / CHUNKS_PER_SECOND)));

/** The same bytes and headers, and whose copy it is. Without a key it keeps its partition. */
export function toCopy({ key, value, headers }, partition, id) {
  const copy = { key, value, headers: { ...headers, [REPLAY_HEADER]: id } };
  return key === null ? { ...copy, partition } : copy;
}

/** A send that keeps to the rate, if there is one. */
async function sender(context, state) {
  const sendRaw = await rawSender(context);
  const topic = context.topicPrefix + state.topic;
  const startedMs = performance.now();
  let sent = 0;
  return async (messages) => {
    await sendRaw(topic, messages);
    sent += messages.length;
    if (state.rate === null) return;
    const waitMs = (sent / state.rate) * 1_000 - (performance.now() - startedMs);
    const { interruption: signal } = context;
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  };
}

function toResult(state, dryRun) {
  const { id, topic, status, sent, skipped } = state;
  return {
    id: dryRun ? null : id,
    topic,
    status: dryRun && status === 'done' ? 'dry_run' : status,
    read: countRead(state),
    of: countAll(state),
    [dryRun ? 'would_send' : 'sent']: sent,
    skipped,
    partitions: state.ranges.map(({ partition, from, to, next }) => ({
      partition,
      from,
      to,
      next,
    })),
  };
}
