/**
 * Dead letters and what became of them. Nothing is ever deleted from `<topic>.dlq`: that a letter was handled is
 * written behind it, into the same topic, as a mark: a message with the header `orbit_dlq_mark`, whose
 * JSON value names ranges of offsets. So the topic tells its own history, a repeat changes nothing, and two
 * operators at once do no harm.
 */
import { UsageError } from './faults.mjs';
import { readBounds, readRanges } from './kafka-range.mjs';

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

export const isDeadLetterTopic = (topic) => topic.endsWith(SUFFIX);

/** The name without suffix: operators may say either. */
export const sourceTopicOf = (topic) =>
  topic.endsWith(SUFFIX) ? topic.slice(0, -SUFFIX.length) : topic;

export const deadLetterTopicOf = (prefix, topic) => `${prefix}${sourceTopicOf(topic)}${SUFFIX}`;

/** Headers as text; a header that came several times keeps its first value. */
export function headersOf(message) {
  return Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value[0] : value)?.toString() ?? '',
    ]),
  );
}

/** "0:12" → how an operator names a letter; partition 0 may be left out. */
export const letterId = ({ partition, offset }) => `${partition}:${offset}`;

/** A dead letter in short. `ids` are the names under which it can be asked for. */
export function toLetter(partition, message) {
  const headers = headersOf(message);
  const value = readJson(message.value);
  const ids = [headers.ce_id, value?.charge_id, value?.topup_id].filter(Boolean);
  return {
    partition,
    offset: BigInt(message.offset),
    reason: headers.orbit_error_code ?? 'unknown',
    message: headers.orbit_error_message ?? '',
    failedAt: headers.orbit_failed_at ?? new Date(Number(message.timestamp)).toISOString(),
    source: `${headers.orbit_source_partition ?? '?'}:${headers.orbit_source_offset ?? '?'}`,
    key: message.key?.toString() ?? null,
    ids,
    raw: message,
    handled: null,
  };
}

export function readJson(bytes) {
  try {
    return JSON.parse(bytes?.toString() ?? '');
  } catch {
    return null;
  }
}

/** The mark that says of these letters, all of one partition, that they were handled. */
export function toMark(action, letters, note, nowMs) {
  const ranges = [];
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
const isMark = ({ headers }) =>
  headers?.[MARK_HEADER] != null && headers.orbit_source_offset === undefined;

/** Splits what a partition holds into letters and marks, and tells each letter its first mark. Pure. */
export function applyMarks(partition, messages) {
  const letters = [];
  const marks = [];
  for (const message of messages) {
    if (isMark(message)) marks.push(readJson(message.value));
    else letters.push(toLetter(partition, message));
  }
  const ranges = marks.flatMap((mark) =>
    (mark?.offsets ?? []).map(([from, to]) => ({ from: BigInt(from), to: BigInt(to), mark })),
  );
  for (const letter of letters) {
    const found = ranges.find(({ from, to }) => from <= letter.offset && letter.offset <= to);
    if (found) letter.handled = { action: found.mark.action, at: found.mark.at };
  }
  return letters;
}

/** The message as it came first, with a note of where it lay. Without a key it keeps its partition. */
export function toRetry(letter) {
  const { raw } = letter;
  const headers = { ...raw.headers };
  const partition = Number(headersOf(raw).orbit_source_partition);
  for (const name of OWN_HEADERS) delete headers[name];
  headers.orbit_retry_of = letterId(letter);
  const { key, value } = raw;
  return key === null && Number.isInteger(partition)
    ? { key, value, headers, partition }
    : { key, value, headers };
}

/** All letters of a topic, oldest first, each with what became of it. */
export async function readLetters(context, admin, topic) {
  const name = deadLetterTopicOf(context.topicPrefix, topic);
  const bounds = await readBounds(admin, name);
  const ranges = bounds
    .filter(({ low, high }) => low < high)
    .map(({ partition, low, high }) => ({ partition, from: low, to: high }));
  const byPartition = new Map(ranges.map(({ partition }) => [partition, []]));
  await readRanges(
    await context.kafka(),
    name,
    ranges,
    (partition, messages) => {
      for (const message of messages) byPartition.get(partition).push(message);
    },
    context.interruption,
  );
  context.interruption.throwIfAborted();
  return [...byPartition].flatMap(([partition, messages]) => applyMarks(partition, messages));
}

/** Letters that ids name: `12`, `0:12`, an event id, a charge id. An id that names none is refused. */
export function pickLetters(letters, ids, reason) {
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
