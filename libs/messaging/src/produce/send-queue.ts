import { OrbitError } from '@orbit/contracts';
import type { IHeaders, Message } from 'kafkajs';

export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly Message[];
}

interface Waiting {
  readonly sets: readonly TopicMessages[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  isExpired: boolean;
}

/** Below the `max.message.bytes` of our topics (8 MiB), with room for what we do not count. */
const REQUEST_BYTES_MAX = 6 * 1024 * 1024;
/** Callers waiting while Kafka is unavailable; beyond it they are refused at once rather than held in memory. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
const MESSAGE_OVERHEAD_BYTES = 300;

/**
 * One request at a time; calls that come meanwhile wait and leave together in the next one. So a lone event
 * goes at once, and under load requests grow by themselves. A call that waited too long is never sent.
 */
export class SendQueue {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private isSending = false;

  constructor(private readonly send: (sets: readonly TopicMessages[]) => Promise<void>) {}

  async push(sets: readonly TopicMessages[], timeoutMs: number): Promise<void> {
    const parts = splitBySize(sets);
    // Parts of one large call keep their order; each must be safe before the next leaves.
    const deadlineMs = performance.now() + timeoutMs;
    for (const part of parts) await this.pushPart(part, deadlineMs - performance.now());
  }

  private pushPart(sets: readonly TopicMessages[], timeoutMs: number): Promise<void> {
    const bytes = sizeOf(sets);
    if (this.waitingBytes + bytes > WAITING_BYTES_MAX) {
      return Promise.reject(new OrbitError('unavailable', 'Too many events wait for Kafka.'));
    }
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => {
          entry.isExpired = true;
          reject(new OrbitError('unavailable', 'Kafka did not take the events in time.'));
        },
        Math.max(0, timeoutMs),
      );
      const entry: Waiting = {
        sets,
        bytes,
        isExpired: false,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error as Error);
        },
      };
      this.waiting.push(entry);
      this.waitingBytes += bytes;
      void this.drain();
    });
  }

  private async drain(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    try {
      // The rest of this turn of the event loop may push more: they share the first request.
      await Promise.resolve();
      while (this.waiting.length > 0) {
        const batch = this.takeBatch();
        if (batch.length === 0) continue;
        try {
          await this.send(mergeByTopic(batch.flatMap(({ sets }) => sets)));
          for (const { resolve } of batch) resolve();
        } catch (error) {
          for (const { reject } of batch) reject(error);
        }
      }
    } finally {
      this.isSending = false;
    }
  }

  private takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    while (this.waiting.length > 0) {
      const [next] = this.waiting;
      if (!next) break;
      if (batch.length > 0 && bytes + next.bytes > REQUEST_BYTES_MAX) break;
      this.waiting.shift();
      this.waitingBytes -= next.bytes;
      if (next.isExpired) continue;
      bytes += next.bytes;
      batch.push(next);
    }
    return batch;
  }
}

const sizeOfMessage = ({ key, value, headers }: Message): number =>
  MESSAGE_OVERHEAD_BYTES +
  (key?.length ?? 0) +
  (value === null ? 0 : Buffer.byteLength(value)) +
  sizeOfForeign(headers);

/**
 * Headers of ours are text and within the overhead; those of others, in a dead letter, are bytes, stand before
 * ours and may be of any size.
 */
function sizeOfForeign(headers: IHeaders | undefined): number {
  for (const first in headers) {
    if (typeof headers[first] === 'string') return 0;
    return Object.entries(headers).reduce(
      (sum, [name, value]) =>
        sum + [value].flat().reduce((n, one) => n + name.length + (one?.length ?? 0), 0),
      0,
    );
  }
  return 0;
}

const sizeOf = (sets: readonly TopicMessages[]): number =>
  sets.reduce((sum, { messages }) => sum + messages.reduce((n, m) => n + sizeOfMessage(m), 0), 0);

/** Parts that fit one request each, in order. A message larger than a request goes alone; the broker judges it. */
export function splitBySize(sets: readonly TopicMessages[]): TopicMessages[][] {
  const parts: TopicMessages[][] = [[]];
  let bytes = 0;
  for (const { topic, messages } of sets) {
    let run: Message[] = [];
    parts.at(-1)?.push({ topic, messages: run });
    for (const message of messages) {
      const size = sizeOfMessage(message);
      if (bytes > 0 && bytes + size > REQUEST_BYTES_MAX) {
        run = [];
        parts.push([{ topic, messages: run }]);
        bytes = 0;
      }
      run.push(message);
      bytes += size;
    }
  }
  return parts.map((part) => part.filter(({ messages }) => messages.length > 0));
}

function mergeByTopic(sets: readonly TopicMessages[]): TopicMessages[] {
  const byTopic = new Map<string, Message[]>();
  for (const { topic, messages } of sets) {
    const merged = byTopic.get(topic);
    if (merged) for (const message of messages) merged.push(message);
    else byTopic.set(topic, [...messages]);
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}
