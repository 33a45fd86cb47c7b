import type { Context } from '../cli/context.js';
import { Interrupted, UsageError } from '../cli/faults.js';
import type { Progress } from '../cli/output.js';
import {
  deadLetterTopicOf,
  pickLetters,
  readLetters,
  toMark,
  toRetry,
  type Letter,
  type LetterAction,
} from './dead-letters.js';
import { topicsToRead } from './dlq-list.js';
import { rawSender } from './kafka-send.js';

const CHUNK_SIZE = 200;

export interface HandleOptions {
  readonly reason?: string;
  readonly note?: string;
  readonly dryRun?: boolean;
  readonly all?: boolean;
}

interface Work {
  /** A topic. */
  readonly source: string;
  readonly letters: readonly Letter[];
}

/** `orbit dlq retry` and `discard`: what is open of what was chosen, sent or set aside, and marked. */
export async function handleLetters(
  context: Context,
  action: LetterAction,
  topic: string | undefined,
  ids: readonly string[],
  { reason, note, dryRun, all }: HandleOptions,
): Promise<void> {
  if (topic === undefined && !all) throw new UsageError('Name a topic, or say --all.');
  if (topic !== undefined && all) throw new UsageError('A topic and --all exclude each other.');
  const admin = await context.kafkaAdmin();
  const work: Work[] = [];
  let alreadyHandled = 0;
  for (const source of await topicsToRead(context, admin, topic)) {
    const chosen = pickLetters(await readLetters(context, admin, source), ids, reason);
    const open = chosen.filter(({ handled }) => handled === null);
    alreadyHandled += chosen.length - open.length;
    if (open.length > 0) work.push({ source, letters: open });
  }
  const total = work.reduce((sum, { letters }) => sum + letters.length, 0);
  const done = action === 'retry' ? 'retried' : 'discarded';
  const result = (count: number): object => ({
    [done]: count,
    already_handled: alreadyHandled,
    dry_run: !!dryRun,
  });
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
async function sendAll(
  context: Context,
  action: LetterAction,
  work: readonly Work[],
  note: string | undefined,
  progress: Progress,
): Promise<void> {
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
function chunksOf(letters: readonly Letter[]): readonly [Letter, ...Letter[]][] {
  const chunks: [Letter, ...Letter[]][] = [];
  for (const letter of letters) {
    const last = chunks.at(-1);
    if (last && last.length < CHUNK_SIZE && last[0].partition === letter.partition) {
      last.push(letter);
    } else chunks.push([letter]);
  }
  return chunks;
}
