import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { Interrupted, UsageError } from '../cli/faults.js';
import { examples } from '../cli/frame.js';
import { isDeadLetterTopic, readLetters } from '../kafka/dead-letters.js';
import {
  isBackwards,
  parsePosition,
  planRanges,
  readBounds,
  readTimeOffsets,
  type Position,
} from '../kafka/kafka-range.js';
import { readRanges } from '../kafka/kafka-read.js';
import { parseRate, parseWallet, type NamedWallet } from './replay-filter.js';
import { sender, sendMessages } from './replay-send.js';
import {
  countAll,
  countRead,
  loadState,
  newReplayId,
  newState,
  rangesLeft,
  saveState,
  type ReplayState,
} from './replay-state.js';
import { newShadow, resumeShadow } from './shadow-state.js';
import { runShadow } from './shadow.js';

interface Options {
  readonly from?: string;
  readonly to: string;
  readonly wallet?: string;
  readonly rate?: string;
  readonly dryRun?: boolean;
  readonly resume?: string;
  readonly shadow?: boolean;
  readonly keep?: boolean;
}

/** `orbit replay`: sends a part of a topic's history through the live consumer again. */
export function register(program: Command, context: Context): void {
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
    .action((topic: string | undefined, options: Options) =>
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

async function run(context: Context, topic: string | undefined, options: Options): Promise<void> {
  const state = options.resume
    ? resumed(context, topic, options.resume, options)
    : await planned(context, topic, options);
  const { dryRun = false } = options;
  const deadLetters = await readDeadLetterSources(context, state.topic);
  const filter = { wallet: state.wallet, deadLetters };
  const progress = context.progress(dryRun ? 'counted' : 'read', countAll(state), countRead(state));
  if (!dryRun) {
    await context.confirm(question(state));
    context.say(`Replay ${state.id} of ${state.topic}`);
    saveState(context.home, state);
  }
  const send = dryRun ? async () => undefined : await sender(context, state);
  const replay = { context, state, filter, send, progress, dryRun };
  try {
    await readRanges(
      await context.kafka(),
      context.topicPrefix + state.topic,
      rangesLeft(state),
      (partition, messages) => sendMessages(replay, partition, messages),
      context.interruption,
    );
  } catch (error) {
    // What was sent is noted. A wrong range stays wrong; whatever else broke may be repaired.
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
function question(state: ReplayState): string {
  const { topic, wallet } = state;
  const left = countAll(state) - countRead(state);
  const which = wallet === null ? '' : ` that belong to ${walletName(wallet)}`;
  return `Read ${left} messages of ${topic} and send those${which} to it again?`;
}

const walletName = ({ organizationId, currency }: NamedWallet): string =>
  currency === null ? organizationId : `${organizationId}:${currency}`;

const goOnWith = ({ id }: ReplayState): string =>
  `Go on with: npm run orbit -- replay --resume ${id}`;

/** History decided again beside the live books; see shadow.ts. */
async function shadow(
  context: Context,
  topic: string | undefined,
  { from, to, wallet, resume, keep }: Options,
): Promise<void> {
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
  // A wrong position fails before anything is made.
  readRange(state.from, to, nowMs);
  return runShadow(context, state, { keep });
}

function readRange(from: string, to: string, nowMs: number): [Position, Position] {
  const start = parsePosition(from, nowMs);
  const end = parsePosition(to, nowMs);
  if (isBackwards(start, end)) {
    throw new UsageError(`--from ${from} lies after --to ${to}: there is nothing between them.`);
  }
  return [start, end];
}

function resumed(
  context: Context,
  topic: string | undefined,
  resume: string,
  { from, wallet, rate, dryRun }: Options,
): ReplayState {
  if (from !== undefined || wallet !== undefined || dryRun) {
    throw new UsageError('--resume goes on as the replay began: only --rate may change.');
  }
  const state = loadState(context.home, resume) as ReplayState;
  if (state.kind === 'shadow') throw new UsageError(`${resume} is a shadow: add --shadow.`);
  if (topic !== undefined && topic !== state.topic) {
    throw new UsageError(`${resume} is a replay of ${state.topic}.`);
  }
  return { ...state, rate: parseRate(rate) ?? state.rate };
}

async function planned(
  context: Context,
  topic: string | undefined,
  { from, to, wallet, rate }: Options,
): Promise<ReplayState> {
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
async function readDeadLetterSources(
  context: Context,
  topic: string,
): Promise<ReadonlySet<string>> {
  const admin = await context.kafkaAdmin();
  const known = await admin.listTopics();
  if (!known.includes(`${context.topicPrefix}${topic}.dlq`)) return new Set();
  const letters = await readLetters(context, admin, topic);
  return new Set(letters.map(({ source }) => source));
}

function toResult(state: ReplayState, dryRun: boolean): object {
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
