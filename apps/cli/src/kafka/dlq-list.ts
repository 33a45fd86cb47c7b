import type { Admin } from 'kafkajs';
import type { Context } from '../cli/context.js';
import { UsageError } from '../cli/faults.js';
import {
  headersOf,
  isDeadLetterTopic,
  letterId,
  pickLetters,
  readJson,
  readLetters,
  sourceTopicOf,
  type Letter,
} from './dead-letters.js';

export interface ListOptions {
  readonly reason?: string;
  readonly limit: number;
  readonly all?: boolean;
}

interface ReasonRow {
  readonly topic: string;
  readonly reason: string;
  open: number;
  handled: number;
  readonly first: string;
  last: string;
}

/** Source topics that have dead letters; or the one that was named, either way. */
export async function topicsToRead(
  context: Context,
  admin: Admin,
  topic: string | undefined,
): Promise<string[]> {
  if (topic !== undefined) return [sourceTopicOf(topic)];
  const { topicPrefix: prefix } = context;
  return (await admin.listTopics())
    .filter((name) => name.startsWith(prefix) && isDeadLetterTopic(name))
    .map((name) => sourceTopicOf(name.slice(prefix.length)))
    .sort();
}

/** `orbit dlq list`. */
export async function listLetters(
  context: Context,
  topic: string | undefined,
  { reason, limit, all }: ListOptions,
): Promise<void> {
  const admin = await context.kafkaAdmin();
  const reasons: ReasonRow[] = [];
  const letters: { readonly topic: string; readonly letter: Letter }[] = [];
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

function countReasons(topic: string, letters: readonly Letter[]): ReasonRow[] {
  const rows = new Map<string, ReasonRow>();
  for (const { reason, handled, failedAt } of letters) {
    const row = rows.get(reason) ?? {
      topic,
      reason,
      open: 0,
      handled: 0,
      first: failedAt,
      last: failedAt,
    };
    rows.set(reason, row);
    row[handled === null ? 'open' : 'handled'] += 1;
    row.last = failedAt;
  }
  return [...rows.values()].sort((a, b) => b.open - a.open);
}

function toRow(letter: Letter): object {
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

/** `orbit dlq show`. */
export async function showLetter(context: Context, topic: string, id: string): Promise<void> {
  const admin = await context.kafkaAdmin();
  const [letter] = pickLetters(await readLetters(context, admin, topic), [id]);
  if (letter === undefined) throw new UsageError(`There is no dead letter ${id}.`);
  const { value } = letter.raw;
  context.print({
    ...toRow(letter),
    handled_at: letter.handled?.at ?? null,
    headers: headersOf(letter.raw),
    value: readJson(value) ?? value?.toString() ?? null,
  });
}
