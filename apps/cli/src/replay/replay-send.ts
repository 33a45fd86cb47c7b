import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaMessage, Message } from 'kafkajs';
import type { Context } from '../cli/context.js';
import type { Progress } from '../cli/output.js';
import { rawSender } from '../kafka/kafka-send.js';
import { skipReason, toCopy, type ReplayFilter } from './replay-filter.js';
import { saveState, type ReplayState } from './replay-state.js';

const CHUNK_SIZE_MAX = 500;
/** With a rate, so many sends a second: an even flow instead of one burst. */
const CHUNKS_PER_SECOND = 4;

type Send = (messages: readonly Message[]) => Promise<void>;

/** A replay under way. */
export interface ReplayRun {
  readonly context: Context;
  readonly state: ReplayState;
  readonly filter: ReplayFilter;
  readonly send: Send;
  readonly progress: Progress;
  /** Nothing is sent and nothing noted. */
  readonly dryRun: boolean;
}

/** Sends chunk after chunk; each is safe in Kafka, and then noted, before the next is taken. */
export async function sendMessages(
  { context, state, filter, send, progress, dryRun }: ReplayRun,
  partition: number,
  messages: readonly KafkaMessage[],
): Promise<void> {
  const range = state.ranges.find((other) => other.partition === partition);
  const size = state.rate === null ? CHUNK_SIZE_MAX : chunkSize(state.rate);
  for (let at = 0; at < messages.length && !context.interruption.aborted; at += size) {
    const chunk = messages.slice(at, at + size);
    const wanted: Message[] = [];
    for (const message of chunk) {
      const reason = skipReason(message, partition, filter);
      if (reason === null) wanted.push(toCopy(message, partition, state.id));
      else state.skipped[reason] += 1;
    }
    if (wanted.length > 0) await send(wanted);
    state.sent += wanted.length;
    const last = chunk.at(-1);
    if (range && last) range.next = BigInt(last.offset) + 1n;
    if (!dryRun) saveState(context.home, state);
    progress.advance(chunk.length);
  }
}

const chunkSize = (rate: number): number =>
  Math.max(1, Math.min(CHUNK_SIZE_MAX, Math.floor(rate / CHUNKS_PER_SECOND)));

/** A send that keeps to the rate, if there is one. */
export async function sender(context: Context, state: ReplayState): Promise<Send> {
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
