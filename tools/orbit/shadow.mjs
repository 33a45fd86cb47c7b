/**
 * `orbit replay … --shadow`: decides history again into a scratch schema and says what came out differently.
 *
 * First the topics are copied into the scratch schema, then one moment of the books is fixed, and the copy is
 * brought up to that moment; then wallet by wallet is decided and compared inside that moment. Live tables
 * are never written.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../stack/paths.mjs';
import { readJson, readLetters } from './dead-letters.mjs';
import { Interrupted, OrbitCliError, UsageError } from './faults.mjs';
import {
  countOf,
  parsePosition,
  planRanges,
  readBounds,
  readRanges,
  readTimeOffsets,
} from './kafka-range.mjs';
import { loadState, saveState } from './replay-state.mjs';
import {
  compareWallets,
  countWallets,
  createSchema,
  dropSchema,
  exportSnapshot,
  readMessages,
  readWalletRows,
  saveMessages,
  saveRows,
} from './shadow-store.mjs';

const LEDGER = path.join(ROOT, 'apps', 'wallet-ledger', 'dist', 'proof', 'shadow.js');
const GROUP = 'wallet-ledger';
const WALLETS_PER_STEP = 20;

async function loadLedger() {
  if (!fs.existsSync(LEDGER)) throw new OrbitCliError('The ledger is not built: npm run build.');
  return import(pathToFileURL(LEDGER).href);
}

/** A shadow at its beginning; `from` and `to` (as text) hold for `topic`, the other topics are read in full. */
export function newShadow({ id, topic, wallet, from, to, nowMs }) {
  return {
    id,
    kind: 'shadow',
    schema: `shadow_${id.slice('rpl_'.length).toLowerCase()}`,
    topic,
    wallet,
    from,
    to,
    startedAt: new Date(nowMs).toISOString(),
    status: 'running',
    lastWalletNo: '0',
    wallets: 0,
    entries: { redecided: 0, given: 0, uncovered: 0 },
    messages: { read: 0, rejected: 0, in_flight: 0, unanswered: 0 },
    differences: [],
    ranges: [],
  };
}

export async function runShadow(context, state, { keep }) {
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
  report(context, state, keep);
}

export const resumeShadow = (context, id) => {
  const state = loadState(context.home, id);
  if (state.kind !== 'shadow') throw new UsageError(`${id} is no shadow: leave out --shadow.`);
  return state;
};

function throwIfInterrupted({ interruption }) {
  if (interruption.aborted) throw new Interrupted('Interrupted.');
}

/** "topic/partition" → the offset up to which the ledger has answered. */
async function readCommitted(context, { SHADOW_TOPICS }) {
  const { topicPrefix: prefix } = context;
  const admin = await context.kafkaAdmin();
  const topics = SHADOW_TOPICS.map((topic) => prefix + topic);
  const offsets = await admin.fetchOffsets({ groupId: prefix + GROUP, topics });
  return new Map(
    offsets.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [
        `${topic.slice(prefix.length)}/${partition}`,
        BigInt(offset),
      ]),
    ),
  );
}

/** Copies what the topics hold; after a break only what is not copied yet. */
async function copyTopics(context, ledger, writer, state) {
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
    const keepMessages = async (partition, messages) => {
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

function toRow(ledger, topic, partition, message, wallet) {
  const read = ledger.readCommand(topic, readJson(message.value));
  if (read === null) return null;
  const { organizationId, currency } = read.command.key;
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

async function decideWallets(context, ledger, writer, state, { snapshot, committed }) {
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
    const decided = found.map((history) => decideOne(ledger, state, history, messages, committed));
    await saveRows(client, state.schema, {
      wallet: decided.map(({ walletRow }) => walletRow),
      credit_block: decided.flatMap(({ blockRows }) => blockRows),
      entry: decided.flatMap(({ entryRows }) => entryRows),
    });
    const numbers = found.map(({ row }) => row.wallet_no);
    const differing = await compareWallets(client, state.schema, numbers);
    await client.query('COMMIT');
    for (const one of decided) noteDifferences(state, one, differing);
    state.lastWalletNo = numbers.at(-1);
    state.wallets += found.length;
    saveState(context.home, state);
    progress.advance(found.length);
  }
  progress.finish();
}

/** One wallet: its own messages, by reference, the first one first; then all of its entries again. */
function decideOne(ledger, state, history, messages, committed) {
  const { row, entries, rejected } = history;
  const booked = new Set(entries.map(({ reference }) => reference));
  const commands = new Map();
  const unanswered = [];
  for (const message of messages) {
    if (message.organization_id !== row.organization_id || message.currency !== row.currency) {
      continue;
    }
    if (commands.has(message.reference)) continue;
    const { command } = ledger.readCommand(message.topic, JSON.parse(message.value));
    commands.set(message.reference, command);
    if (booked.has(message.reference)) continue;
    if (rejected.has(message.reference)) state.messages.rejected += 1;
    else if (isInFlight(message, committed)) state.messages.in_flight += 1;
    else unanswered.push(message.reference);
  }
  state.messages.unanswered += unanswered.length;
  const { blocks, escrows } = history;
  const decided = ledger.redecideRows({ wallet: row, entries, blocks, escrows, commands });
  for (const [name, count] of Object.entries(decided.counts)) state.entries[name] += count;
  const { wallet_no, organization_id, currency, balance_micros } = row;
  const walletRow = {
    wallet_no,
    balance_micros: String(decided.balanceMicros),
    sequence: String(decided.sequence),
  };
  return { ...decided, walletRow, organization_id, currency, balance_micros, unanswered };
}

const isInFlight = ({ topic, partition, message_offset: offset }, committed) =>
  BigInt(offset) >= (committed.get(`${topic}/${partition}`) ?? -1n);

function noteDifferences(state, one, differing) {
  const { walletRow, organization_id, currency, balance_micros, fault, unanswered } = one;
  const found = differing.find(({ wallet_no }) => wallet_no === walletRow.wallet_no);
  if (!found && !fault && unanswered.length === 0) return;
  state.differences.push({
    organization_id,
    currency,
    entries: found?.entry ?? 0,
    blocks: found?.credit_block ?? 0,
    balance_micros,
    shadow_balance_micros: walletRow.balance_micros,
    first_sequence: fault ? String(fault.sequence) : (found?.first ?? null),
    why: fault?.why ?? null,
    unanswered,
  });
}

function report(context, state, keep) {
  const { id, status, wallets, entries, messages, differences } = state;
  context.print({
    id,
    status,
    schema: keep ? state.schema : null,
    wallets,
    entries_redecided: entries.redecided,
    entries_given: entries.given,
    entries_not_in_topic: entries.uncovered,
    messages,
    differences,
  });
  if (entries.uncovered > 0) {
    context.say(
      `${entries.uncovered} entries came over Kafka, but their messages are not in the range or no longer kept; they were taken as they are.`,
    );
  }
  if (differences.length === 0) return;
  context.finding();
  context.say(`${differences.length} wallets came out differently.`);
}
