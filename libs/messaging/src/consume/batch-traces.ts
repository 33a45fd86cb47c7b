import type { TopicName } from '@orbit/events';
import { inSpan, isTracing, startSpan, underTrace, type OpenSpan } from '@orbit/runtime';
import type { ReceivedEvent } from './batch-handler.js';

type Events = readonly ReceivedEvent<unknown>[];

/**
 * Handles a batch in the traces of its messages. One message: all that its handling does belongs to its trace. Several:
 * each is a span in its own trace, which `event.trace` passes on, and the batch is one that links to all of them.
 */
export async function handleTraced(
  topic: TopicName,
  events: Events,
  handle: (events: Events) => Promise<void>,
): Promise<void> {
  const [only] = events;
  if (!isTracing()) {
    const alone = events.length === 1 ? (only?.trace ?? null) : null;
    return underTrace(alone, () => handle(events));
  }
  const spans: OpenSpan[] = [];
  const traced = events.map((event) => {
    const span = startSpan(`process ${topic}`, {
      kind: 'consumer',
      parent: event.trace ?? null,
      attributes: attributesOf(topic, event),
    });
    if (span === null) return event;
    spans.push(span);
    return { ...event, trace: span.trace };
  });
  const links = spans.map(({ trace }) => trace);
  const batch = {
    'messaging.destination.name': topic,
    'messaging.batch.message_count': links.length,
  };
  const [alone] = links;
  try {
    if (links.length === 1 && alone) await underTrace(alone, () => handle(traced));
    else {
      const options = { kind: 'consumer', parent: null, links, attributes: batch } as const;
      await inSpan(`process batch of ${topic}`, options, () => handle(traced));
    }
  } catch (error) {
    for (const span of spans) span.fail(error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

const attributesOf = (topic: TopicName, { id, offset }: ReceivedEvent<unknown>) => ({
  'messaging.system': 'kafka',
  'messaging.operation.name': 'process',
  'messaging.destination.name': topic,
  'messaging.message.id': id,
  'messaging.kafka.offset': offset,
});
