/** Ranges of a topic: how an operator names them, and what they are on the broker. */
import type { Admin } from 'kafkajs';
import { UsageError } from '../cli/faults.js';
import { readInstant } from '../cli/instants.js';

export type Position =
  | { readonly kind: 'earliest' | 'latest' }
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<number, bigint> }
  | { readonly kind: 'time'; readonly ms: number };

/** Half open: `to` itself is not in it. */
export interface OffsetRange {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** The ends of a partition: `high` is the offset of the next message. */
export interface PartitionBound {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * Parses --from and --to: `earliest`, `latest`, an instant (`readInstant`), an offset for every partition, or offsets
 * by partition (`0:120,3:77`).
 */
export function parsePosition(text: string, nowMs: number): Position {
  if (text === 'earliest' || text === 'latest') return { kind: text };
  if (/^\d+$/.test(text)) return { kind: 'offset', offset: BigInt(text) };
  if (/^\d+:\d+(,\d+:\d+)*$/.test(text)) {
    const pairs = text.split(',').map((pair) => pair.split(':'));
    const offsets = new Map(pairs.map(([p, offset]) => [Number(p), BigInt(offset ?? '')]));
    if (offsets.size < pairs.length) throw new UsageError(`"${text}" names a partition twice.`);
    return { kind: 'offsets', offsets };
  }
  const ms = readInstant(text, nowMs);
  if (ms === null) {
    throw new UsageError(
      `"${text}" is no position: an ISO instant such as 2026-05-16T11:00:00Z, -2h, an offset, partition:offset, earliest or latest.`,
    );
  }
  // To Kafka, times before 1970 mean other things.
  return { kind: 'time', ms: Math.max(0, ms) };
}

/** Whether a range ends before it begins, as far as that shows without asking Kafka. */
export function isBackwards(from: Position, to: Position): boolean {
  if (from.kind === 'latest') return to.kind === 'earliest';
  if (from.kind === 'time') return to.kind === 'time' && from.ms > to.ms;
  return from.kind === 'offset' && to.kind === 'offset' && from.offset > to.offset;
}

/**
 * Half-open offset ranges by partition, within what the topic holds: [{partition, from, to}], empty ones left out.
 * `bounds` is [{partition, low, high}]; `timeOffsets(ms)` answers a Map of the first offset at or after that time.
 * Partitions that a `p:offset` position does not name are left out.
 */
export async function planRanges(
  from: Position,
  to: Position,
  bounds: readonly PartitionBound[],
  timeOffsets: TimeOffsets,
): Promise<OffsetRange[]> {
  const named = [from, to].flatMap((position) =>
    position.kind === 'offsets' ? [position.offsets] : [],
  );
  for (const offsets of named) {
    const known = new Set(bounds.map(({ partition }) => partition));
    const unknown = [...offsets.keys()].find((partition) => !known.has(partition));
    if (unknown !== undefined) throw new UsageError(`The topic has no partition ${unknown}.`);
  }
  const starts = await resolve(from, timeOffsets);
  const ends = await resolve(to, timeOffsets);
  return bounds
    .filter(({ partition }) => named.every((offsets) => offsets.has(partition)))
    .map(({ partition, low, high }) => ({
      partition,
      from: later(starts({ partition, low, high }), low),
      to: earlier(ends({ partition, low, high }), high),
    }))
    .filter((range) => range.from < range.to)
    .sort((a, b) => a.partition - b.partition);
}

/** First offsets at or after an instant, by partition. */
type TimeOffsets = (ms: number) => Promise<ReadonlyMap<number, bigint>>;

/** A function from a partition's bound to the offset that the position means there. */
async function resolve(
  position: Position,
  timeOffsets: TimeOffsets,
): Promise<(bound: PartitionBound) => bigint> {
  switch (position.kind) {
    case 'offset':
      return () => position.offset;
    case 'offsets':
      return ({ partition }) => position.offsets.get(partition) ?? 0n;
    case 'earliest':
      return ({ low }) => low;
    case 'latest':
      return ({ high }) => high;
    case 'time': {
      // Where nothing is that late, the broker names no offset, and the end is meant.
      const offsets = await timeOffsets(position.ms);
      return ({ partition, high }) => offsets.get(partition) ?? high;
    }
  }
}

export const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const earlier = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export const countOf = (ranges: readonly OffsetRange[]): number =>
  ranges.reduce((sum, range) => sum + Number(range.to - range.from), 0);

/** [{partition, low, high}] of a topic; a topic that is not there is the operator's mistake. */
export async function readBounds(admin: Admin, topic: string): Promise<PartitionBound[]> {
  const known = await admin.listTopics();
  if (!known.includes(topic)) throw new UsageError(`There is no topic ${topic}.`);
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
    .sort((a, b) => a.partition - b.partition);
}

/** First offsets at or after an instant; where nothing is that late, the end. */
export async function readTimeOffsets(
  admin: Admin,
  topic: string,
  ms: number,
): Promise<ReadonlyMap<number, bigint>> {
  const found = await admin.fetchTopicOffsetsByTimestamp(topic, ms);
  return new Map(
    found
      .filter(({ offset }) => BigInt(offset) >= 0n)
      .map(({ partition, offset }) => [partition, BigInt(offset)]),
  );
}
