import { invariant } from '@orbit/kernel';
import { counter } from '@orbit/metrics';
import type { TopicName } from '@orbit/events';
import { handleTraced } from './batch-traces.js';
import type { EventBatch, ReceivedEvent } from './batch-handler.js';
import { toDeadLetterMessage, type DeadLetter } from './dead-letter.js';
import { decodeMessage } from './decode-message.js';
import type { LaneBatch } from './lanes/partition-lane.js';
import type { TopicMessages } from '../produce/send-queue.js';
import { deadLetterTopic } from '../topics/topic-names.js';

export interface BatchRunOptions {
  readonly topic: TopicName;
  readonly topicPrefix: string;
  readonly partition: number;
  /** Consecutive ones. */
  readonly batches: readonly LaneBatch[];
  readonly heartbeat: () => Promise<void>;
  readonly handle: (batch: EventBatch<unknown>) => Promise<void>;
  readonly publishRaw: (sets: readonly TopicMessages[]) => Promise<void>;
  readonly nowMs: () => number;
}

const deadLetters = counter('orbit_dead_letters_total');

/**
 * Batches in order, handled as one: decoded once and run until it succeeds, handler first, then the dead
 * letters, those of reading and those the handler named. The caller commits afterwards. A run that fails
 * leaves nothing behind here, so that the next one starts afresh.
 */
export class BatchRun {
  private readonly events: ReceivedEvent<unknown>[] = [];
  private readonly unreadable: DeadLetter[] = [];

  constructor(private readonly options: BatchRunOptions) {
    const { topic, partition, batches } = options;
    for (const { messages } of batches) {
      for (const raw of messages) {
        const decoded = decodeMessage(topic, partition, raw);
        if ('event' in decoded) this.events.push(decoded.event);
        else this.unreadable.push({ raw, ...decoded });
      }
    }
  }

  /** Returns how many messages went to the dead letters. */
  async attempt(): Promise<number> {
    const { topic, partition, heartbeat, handle, publishRaw, topicPrefix, nowMs } = this.options;
    const letters = [...this.unreadable];
    if (this.events.length > 0) {
      await handleTraced(topic, this.events, async (events) => {
        const own = new Set(events);
        await handle({
          topic,
          partition,
          events,
          heartbeat,
          deadLetter: (event, reason, detail) => {
            invariant(own.has(event), 'a handler names events of its own batch only');
            letters.push({ raw: event.raw, code: reason, message: detail });
          },
        });
      });
    }
    if (letters.length === 0) return 0;
    const failedAtMs = nowMs();
    const messages = letters.map((letter) =>
      toDeadLetterMessage(letter, topic, partition, failedAtMs),
    );
    await publishRaw([{ topic: deadLetterTopic(topicPrefix, topic), messages }]);
    for (const { code } of letters) deadLetters.inc({ topic, reason: code });
    return letters.length;
  }
}
