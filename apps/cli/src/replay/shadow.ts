/**
 * `orbit replay … --shadow`: decides history again into a scratch schema and says what came out differently.
 *
 * First the topics are copied into the scratch schema, then one moment of the books is fixed, and the copy is
 * brought up to that moment; then wallet by wallet is decided and compared inside that moment. Live tables
 * are never written.
 */
import type pg from 'pg';
import type { KafkaMessage } from 'kafkajs';
import type { Context } from '../cli/context.js';
import { readJson, readLetters } from '../kafka/dead-letters.js';
import { Interrupted, UsageError } from '../cli/faults.js';
import {
  countOf,
  parsePosition,
  planRanges,
  readBounds,
  readTimeOffsets,
} from '../kafka/kafka-range.js';
import { readRanges } from '../kafka/kafka-read.js';
import type { NamedWallet } from './replay-filter.js';
import { saveState } from './replay-state.js';
import { decideOne, keepUnanswered, noteDifferences, reportShadow } from './shadow-decide.js';
import { loadLedger, type ShadowLedger } from './shadow-ledger.js';
import type { ShadowState } from './shadow-state.js';
import {
  compareWallets,
  countWallets,
  createSchema,
  dropSchema,
  exportSnapshot,
  findAnswered,
  readMessages,
  readWalletRows,
  saveMessages,
  saveRows,
  type KeptMessage,
} from './shadow-store.js';

const GROUP = 'wallet-ledger';
const WALLETS_PER_STEP = 20;

export async function runShadow(
  context: Context,
  state: ShadowState,
  { keep = false }: { readonly keep?: boolean | undefined },
): Promise<void> {
  const ledger = await loadLedger();
  if (!ledger.SHADOW_TOPICS.includes(state.topic)) {
    throw new UsageError(`${state.topic} is not decided: ${ledger.SHADOW_TOPICS.join(', ')} are.`);
  }
  const writer = await context.postgres();
  await createSchema(writer, state.schema);
  context.say(`Shadow ${state.id} of ${state.topic} in schema ${state.schema}`);
  try {
    const committed = await readCommitted(context, ledger);
    // Everything that the snapshot shows was in Kafka before it, so it is in the copy that is made after it.
    const snapshot = await exportSnapshot(await context.postgres());
    await copyTopics(context, ledger, writer, state);
    await decideWallets(context, ledger, writer, state, { snapshot, committed });
    state.status = 'done';
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      await dropSchema(writer, state.schema).catch(() => undefined);
      throw error;
    }
    state.status = 'interrupted';
    saveState(context.home, state);
    throw new Interrupted(
      `Interrupted. Go on with: npm run orbit -- replay --shadow --resume ${state.id}`,
    );
  }
  saveState(context.home, state);
  if (!keep) await dropSchema(writer, state.schema);
  reportShadow(context, state, keep);
}

function throwIfInterrupted({ interruption }: Context): void {
  if (interruption.aborted) throw new Interrupted('Interrupted.');
}

/** "topic/partition" → the offset up to which the ledger has answered. */
async function readCommitted(
  context: Context,
  { SHADOW_TOPICS }: ShadowLedger,
): Promise<ReadonlyMap<string, bigint>> {
  const { topicPrefix: prefix } = context;
  const admin = await context.kafkaAdmin();
  const topics = SHADOW_TOPICS.map((topic) => prefix + topic);
  const offsets = await admin.fetchOffsets({ groupId: prefix + GROUP, topics });
  return new Map(
    offsets.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }): [string, bigint] => [
        `${topic.slice(prefix.length)}/${partition}`,
        BigInt(offset),
      ]),
    ),
  );
}

/** The reference of a shadow's comparison: a moment of the books, and the ledger's answers before it. */
interface Moment {
  readonly snapshot: string;
  /** By "topic/partition". */
  readonly committed: ReadonlyMap<string, bigint>;
}

/** Copies what the topics hold; after a break only what is not copied yet. */
async function copyTopics(
  context: Context,
  ledger: ShadowLedger,
  writer: pg.ClientBase,
  state: ShadowState,
): Promise<void> {
  const admin = await context.kafkaAdmin();
  const kafka = await context.kafka();
  const startedMs = Date.parse(state.startedAt);
  // After a break the topics are read again from their beginning.
  state.messages.read = 0;
  for (const topic of ledger.SHADOW_TOPICS) {
    const name = context.topicPrefix + topic;
    const isAsked = topic === state.topic;
    const ranges = await planRanges(
      parsePosition(isAsked ? state.from : 'earliest', startedMs),
      parsePosition(isAsked ? state.to : 'latest', startedMs),
      await readBounds(admin, name),
      (ms) => readTimeOffsets(admin, name, ms),
    );
    const letters = new Set((await readLetters(context, admin, topic)).map((l) => l.source));
    const progress = context.progress(`read ${topic}`, countOf(ranges));
    const keepMessages = async (partition: number, messages: KafkaMessage[]): Promise<void> => {
      const rows = messages.flatMap((message) => {
        const row = toRow(ledger, topic, partition, message, state.wallet);
        return row && !letters.has(`${partition}:${message.offset}`) ? [row] : [];
      });
      if (rows.length > 0) await saveMessages(writer, state.schema, rows);
      state.messages.read += messages.length;
      progress.advance(messages.length);
    };
    await readRanges(kafka, name, ranges, keepMessages, context.interruption);
    progress.finish();
    throwIfInterrupted(context);
  }
}

function toRow(
  ledger: ShadowLedger,
  topic: string,
  partition: number,
  message: KafkaMessage,
  wallet: NamedWallet | null,
): KeptMessage | null {
  if (message.value === null) return null;
  const read = ledger.readCommand(topic, readJson(message.value));
  if (read === null) return null;
  const { organizationId, currency } = read.key;
  if (wallet && wallet.organizationId !== organizationId) return null;
  return {
    topic,
    partition,
    offset: message.offset,
    organizationId,
    currency,
    reference: read.reference,
    value: message.value.toString(),
  };
}

async function decideWallets(
  context: Context,
  ledger: ShadowLedger,
  writer: pg.ClientBase,
  state: ShadowState,
  { snapshot, committed }: Moment,
): Promise<void> {
  const client = await context.postgres();
  const { lastWalletNo, wallet } = state;
  const total = await countWallets(client, wallet, lastWalletNo);
  const progress = context.progress('wallets', total + state.wallets, state.wallets);
  for (;;) {
    throwIfInterrupted(context);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`);
    const found = await readWalletRows(client, wallet, state.lastWalletNo, WALLETS_PER_STEP);
    if (found.length === 0) {
      await client.query('COMMIT');
      break;
    }
    const messages = await readMessages(
      writer,
      state.schema,
      found.map(({ row }) => row),
    );
    const decided = await keepUnanswered(
      state,
      found.map((history) => decideOne(ledger, state, history, messages, committed)),
      (of) => findAnswered(client, of),
    );
    await saveRows(client, state.schema, {
      wallet: decided.map(({ walletRow }) => walletRow),
      credit_block: decided.flatMap(({ blockRows }) => blockRows),
      entry: decided.flatMap(({ entryRows }) => entryRows),
    });
    const numbers = found.map(({ row }) => row.wallet_no);
    const differing = await compareWallets(client, state.schema, numbers);
    await client.query('COMMIT');
    for (const one of decided) noteDifferences(state, one, differing);
    state.lastWalletNo = numbers.at(-1) ?? state.lastWalletNo;
    state.wallets += found.length;
    saveState(context.home, state);
    progress.advance(found.length);
  }
  progress.finish();
}
