/**
 * Dead letters and what became of them. Nothing is ever deleted from `<topic>.dlq`: that a letter was handled is
 * written behind it, into the same topic, as a mark: a message with the header `orbit_dlq_mark`, whose JSON value
 * names ranges of offsets. So the topic holds its own history, a repeat changes nothing, and two operators at once do
 * no harm.
 */
import type { Admin, IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { Context } from '../cli/context.js';
import { UsageError } from '../cli/faults.js';
import { readBounds } from './kafka-range.js';
import { readRanges } from './kafka-read.js';

/** The parts of a message that are read; it may come from anywhere. */
export interface ReadMessage {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly offset?: string;
  readonly timestamp?: string;
  readonly headers?: IHeaders | undefined;
}

export interface Letter {
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
  readonly message: string;
  readonly failedAt: string;
  /** "partition:offset" in its source topic. */
  readonly source: string;
  readonly key: string | null;
  /** Names under which it can be asked for. */
  readonly ids: readonly string[];
  readonly raw: ReadMessage;
  handled: { readonly action: string; readonly at: string } | null;
}

export type LetterAction = 'retry' | 'discard';

interface Mark {
  readonly action: string;
  readonly offsets: readonly (readonly [string, string])[];
  readonly at: string;
}

const SUFFIX = '.dlq';
const MARK_HEADER = 'orbit_dlq_mark';
const OWN_HEADERS = [
  'orbit_error_code',
  'orbit_error_message',
  'orbit_source_topic',
  'orbit_source_partition',
  'orbit_source_offset',
  'orbit_failed_at',
];

export const isDeadLetterTopic = (topic: string): boolean => topic.endsWith(SUFFIX);

/** The name without suffix: operators may say either. */
export const sourceTopicOf = (topic: string): string =>
  topic.endsWith(SUFFIX) ? topic.slice(0, -SUFFIX.length) : topic;

export const deadLetterTopicOf = (prefix: string, topic: string): string =>
  `${prefix}${sourceTopicOf(topic)}${SUFFIX}`;

/** Headers as text; a header that came several times keeps its first value. */
export function headersOf(
  message: Pick<ReadMessage, 'headers'>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value[0] : value)?.toString() ?? '',
    ]),
  );
}

/** "0:12" → how an operator names a letter; partition 0 may be left out. */
export const letterId = ({ partition, offset }: Pick<Letter, 'partition' | 'offset'>): string =>
  `${partition}:${offset}`;

/** A dead letter in short. */
export function toLetter(partition: number, message: ReadMessage): Letter {
  const headers = headersOf(message);
  const value = readJson(message.value) as { charge_id?: string; topup_id?: string } | null;
  const ids = [headers['ce_id'], value?.charge_id, value?.topup_id].filter(
    (id) => !!id,
  ) as string[];
  return {
    partition,
    offset: BigInt(message.offset ?? ''),
    reason: headers['orbit_error_code'] ?? 'unknown',
    message: headers['orbit_error_message'] ?? '',
    failedAt: headers['orbit_failed_at'] ?? new Date(Number(message.timestamp)).toISOString(),
    source: `${headers['orbit_source_partition'] ?? '?'}:${headers['orbit_source_offset'] ?? '?'}`,
    key: message.key?.toString() ?? null,
    ids,
    raw: message,
    handled: null,
  };
}

/** Null when it is no JSON. */
export function readJson(bytes: Buffer | string | null | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString() ?? '');
  } catch {
    return null;
  }
}

/** The mark that says of these letters, all of one partition, that they were handled. */
export function toMark(
  action: LetterAction,
  letters: readonly Pick<Letter, 'offset'>[],
  note: string | undefined,
  nowMs: number,
): Message & { readonly value: string } {
  const ranges: [bigint, bigint][] = [];
  const offsets = letters.map(({ offset }) => offset).sort((a, b) => (a < b ? -1 : 1));
  for (const offset of offsets) {
    const last = ranges.at(-1);
    if (last && last[1] + 1n === offset) last[1] = offset;
    else ranges.push([offset, offset]);
  }
  const value = {
    action,
    offsets: ranges.map((range) => range.map(String)),
    note: note ?? null,
    at: new Date(nowMs).toISOString(),
  };
  return { value: JSON.stringify(value), headers: { [MARK_HEADER]: action } };
}

/** Clients name headers as they like: what came from a source topic is a letter, even if it is named as a mark. */
const isMark = ({ headers }: ReadMessage): boolean =>
  headers?.[MARK_HEADER] != null && headers['orbit_source_offset'] === undefined;

/** Splits a partition's messages into letters and marks, and attaches to each letter its first mark. Pure. */
export function applyMarks(partition: number, messages: readonly ReadMessage[]): Letter[] {
  const letters: Letter[] = [];
  const marks: (Mark | null)[] = [];
  for (const message of messages) {
    if (isMark(message)) marks.push(readJson(message.value) as Mark | null);
    else letters.push(toLetter(partition, message));
  }
  const ranges = marks.flatMap((mark) =>
    mark === null
      ? []
      : (mark.offsets ?? []).map(([from, to]) => ({ from: BigInt(from), to: BigInt(to), mark })),
  );
  for (const letter of letters) {
    const found = ranges.find(({ from, to }) => from <= letter.offset && letter.offset <= to);
    if (found) letter.handled = { action: found.mark.action, at: found.mark.at };
  }
  return letters;
}

/** The message as it came first, with a note of where it lay. Without a key it keeps its partition. */
export function toRetry(letter: Letter): Message {
  const { raw } = letter;
  const headers: IHeaders = { ...raw.headers };
  const partition = Number(headersOf(raw)['orbit_source_partition']);
  for (const name of OWN_HEADERS) delete headers[name];
  headers['orbit_retry_of'] = letterId(letter);
  const { key = null, value = null } = raw;
  return key === null && Number.isInteger(partition)
    ? { key, value, headers, partition }
    : { key, value, headers };
}

/** All letters of a topic, oldest first, each with what became of it. */
export async function readLetters(
  context: Context,
  admin: Admin,
  topic: string,
): Promise<Letter[]> {
  const name = deadLetterTopicOf(context.topicPrefix, topic);
  const bounds = await readBounds(admin, name);
  const ranges = bounds
    .filter(({ low, high }) => low < high)
    .map(({ partition, low, high }) => ({ partition, from: low, to: high }));
  const byPartition = new Map<number, KafkaMessage[]>(
    ranges.map(({ partition }) => [partition, []]),
  );
  await readRanges(
    await context.kafka(),
    name,
    ranges,
    (partition, messages) => {
      for (const message of messages) byPartition.get(partition)?.push(message);
    },
    context.interruption,
  );
  context.interruption.throwIfAborted();
  return [...byPartition].flatMap(([partition, messages]) => applyMarks(partition, messages));
}

/** Letters that ids name: `12`, `0:12`, an event id, a charge id. An id that names none is refused. */
export function pickLetters(
  letters: readonly Letter[],
  ids: readonly string[],
  reason?: string,
): readonly Letter[] {
  const wanted = ids.map((id) => {
    const found = letters.filter(
      (letter) =>
        letterId(letter) === id || letterId(letter) === `0:${id}` || letter.ids.includes(id),
    );
    if (found.length === 0) throw new UsageError(`There is no dead letter ${id}.`);
    return found;
  });
  const chosen = ids.length > 0 ? [...new Set(wanted.flat())] : letters;
  return reason === undefined ? chosen : chosen.filter((letter) => letter.reason === reason);
}
