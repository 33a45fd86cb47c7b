import {
  deadLetterTopicOf,
  headersOf,
  isDeadLetterTopic,
  letterId,
  pickLetters,
  readJson,
  readLetters,
  sourceTopicOf,
  toMark,
  toRetry,
} from './dead-letters.mjs';
import { Interrupted, UsageError } from './faults.mjs';
import { examples } from './frame.mjs';
import { rawSender } from './kafka-send.mjs';

const CHUNK_SIZE = 200;
const LIST_LIMIT = 20;

/** `orbit dlq`: messages that could not be handled, and what is done about them. */
export function register(program, context) {
  const dlq = program
    .command('dlq')
    .description('dead letters: messages that could not be handled')
    .summary('dead letters');
  const list = dlq
    .command('list [topic]')
    .description('open letters by topic and reason, and with a topic the letters themselves')
    .option('--reason <code>', 'only letters with this reason')
    .option('--limit <n>', 'letters shown', toCount, LIST_LIMIT)
    .option('--all', 'also those that were retried or discarded')
    .action((topic, options) => listLetters(context, topic, options));
  examples(list, 'dlq list', 'dlq list charge.requested --reason unknown_wallet --json');

  const show = dlq
    .command('show <topic> <id>')
    .description(
      'one letter with its headers and its value; <id> as `list` shows it, or a charge id',
    )
    .action((topic, id) => showLetter(context, topic, id));
  examples(show, 'dlq show charge.requested 0:12', 'dlq show charge.requested sms_1');

  const filtered = (command) =>
    command
      .option('--reason <code>', 'only letters with this reason')
      .option('--note <text>', 'why; kept with the letters')
      .option('--dry-run', 'say what would be done, and do nothing');
  const retry = filtered(
    dlq
      .command('retry [topic] [ids...]')
      .description(
        'send letters to their topic again, as they came: all open ones, or those named\n(what was booked already is not booked twice)',
      )
      .option('--all', 'of every topic'),
  ).action((topic, ids, options) => handleLetters(context, 'retry', topic, ids, options));
  examples(
    retry,
    'dlq retry charge.requested --reason unknown_wallet',
    'dlq retry charge.requested 0:12 0:15',
    'dlq retry --all --dry-run',
  );

  const discard = filtered(
    dlq
      .command('discard <topic> [ids...]')
      .description('mark letters as handled without sending them; they stay in Kafka'),
  ).action((topic, ids, options) => handleLetters(context, 'discard', topic, ids, options));
  examples(
    discard,
    "dlq discard charge.requested --reason not_json --note 'a test of the producer'",
  );
}

function toCount(text) {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no count.`);
}

async function topicsToRead(context, admin, topic) {
  if (topic !== undefined) return [sourceTopicOf(topic)];
  const { topicPrefix: prefix } = context;
  return (await admin.listTopics())
    .filter((name) => name.startsWith(prefix) && isDeadLetterTopic(name))
    .map((name) => sourceTopicOf(name.slice(prefix.length)))
    .sort();
}

async function listLetters(context, topic, { reason, limit, all }) {
  const admin = await context.kafkaAdmin();
  const reasons = [];
  const letters = [];
  for (const source of await topicsToRead(context, admin, topic)) {
    const found = pickLetters(await readLetters(context, admin, source), [], reason);
    reasons.push(...countReasons(source, found));
    for (const letter of found) letters.push({ topic: source, letter });
  }
  const shown = letters.filter(({ letter }) => all || letter.handled === null);
  const rows = topic === undefined && !context.options().json ? [] : shown.slice(0, limit);
  context.print({
    open: letters.filter(({ letter }) => letter.handled === null).length,
    reasons,
    left_off: shown.length - rows.length,
    letters: rows.map(({ topic: source, letter }) => ({ topic: source, ...toRow(letter) })),
  });
  if (rows.length > 0 && rows.length < shown.length) {
    context.say(`${shown.length - rows.length} more; raise --limit to see them.`);
  }
}

function countReasons(topic, letters) {
  const rows = new Map();
  for (const { reason, handled, failedAt } of letters) {
    const row = rows.get(reason) ?? { topic, reason, open: 0, handled: 0, first: failedAt };
    rows.set(reason, row);
    row[handled === null ? 'open' : 'handled'] += 1;
    row.last = failedAt;
  }
  return [...rows.values()].sort((a, b) => b.open - a.open);
}

function toRow(letter) {
  const { reason, message, failedAt, source, key, handled, ids } = letter;
  return {
    id: letterId(letter),
    reason,
    message,
    key,
    event: ids.at(-1) ?? null,
    source,
    failed_at: failedAt,
    status: handled?.action ?? 'open',
  };
}

async function showLetter(context, topic, id) {
  const admin = await context.kafkaAdmin();
  const [letter] = pickLetters(await readLetters(context, admin, topic), [id]);
  const { value } = letter.raw;
  context.print({
    ...toRow(letter),
    handled_at: letter.handled?.at ?? null,
    headers: headersOf(letter.raw),
    value: readJson(value) ?? value?.toString() ?? null,
  });
}

async function handleLetters(context, action, topic, ids, { reason, note, dryRun, all }) {
  if (topic === undefined && !all) throw new UsageError('Name a topic, or say --all.');
  if (topic !== undefined && all) throw new UsageError('A topic and --all exclude each other.');
  const admin = await context.kafkaAdmin();
  const work = [];
  let alreadyHandled = 0;
  for (const source of await topicsToRead(context, admin, topic)) {
    const chosen = pickLetters(await readLetters(context, admin, source), ids, reason);
    const open = chosen.filter(({ handled }) => handled === null);
    alreadyHandled += chosen.length - open.length;
    if (open.length > 0) work.push({ source, letters: open });
  }
  const total = work.reduce((sum, { letters }) => sum + letters.length, 0);
  const done = action === 'retry' ? 'retried' : 'discarded';
  const result = (count) => ({ [done]: count, already_handled: alreadyHandled, dry_run: !!dryRun });
  if (dryRun || total === 0) return context.print(result(dryRun ? total : 0));
  const of = topic ?? work.map(({ source }) => source).join(', ');
  await context.confirm(
    action === 'discard'
      ? `Discard ${total} letters of ${of}?`
      : `Send ${total} letters of ${of} again?`,
  );
  const progress = context.progress(done, total);
  await sendAll(context, action, work, note, progress);
  progress.finish();
  context.print(result(progress.done));
}

/** A letter is sent before it is marked: a crash between the two sends it again, which changes nothing. */
async function sendAll(context, action, work, note, progress) {
  const send = await rawSender(context);
  for (const { source, letters } of work) {
    for (const chunk of chunksOf(letters)) {
      if (context.interruption.aborted) {
        throw new Interrupted(
          `Interrupted after ${progress.done} letters. The same command again does the rest.`,
        );
      }
      if (action === 'retry') {
        await send(context.topicPrefix + source, chunk.map(toRetry));
      }
      const mark = toMark(action, chunk, note, Date.now());
      await send(deadLetterTopicOf(context.topicPrefix, source), [
        { ...mark, partition: chunk[0].partition },
      ]);
      progress.advance(chunk.length);
    }
  }
}

/** Parts of at most CHUNK_SIZE, each of one partition. */
function chunksOf(letters) {
  const chunks = [];
  for (const letter of letters) {
    const last = chunks.at(-1);
    if (last && last.length < CHUNK_SIZE && last[0].partition === letter.partition) {
      last.push(letter);
    } else chunks.push([letter]);
  }
  return chunks;
}
