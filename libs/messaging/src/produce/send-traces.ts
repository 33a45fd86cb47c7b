import type { TopicName } from '@orbit/events';
import {
  currentTrace,
  isTracing,
  readTrace,
  startSpan,
  type OpenSpan,
  type TraceHeaders,
} from '@orbit/runtime';

interface Sent {
  readonly id: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The traces that events go out under: what an event names in its own headers, else the trace of whoever publishes it.
 * While spans are exported each event is one, so that its reader hangs below its sending.
 */
export class SendTraces {
  private readonly spans: OpenSpan[] = [];
  private readonly exported = isTracing();
  private readonly current = currentTrace() ?? null;

  /** Further headers of one event. */
  of(topic: TopicName, { id, headers }: Sent): TraceHeaders | undefined {
    const own = headers?.['traceparent'] === undefined ? null : readTrace(headers);
    const parent = own ?? this.current;
    if (!this.exported) return parent ?? undefined;
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.destination.name': topic,
      'messaging.message.id': id,
    };
    const span = startSpan(`send ${topic}`, { kind: 'producer', parent, attributes });
    if (span === null) return parent ?? undefined;
    this.spans.push(span);
    return span.trace;
  }

  /** Ends the spans as the sending ends. */
  async around(sending: Promise<void>): Promise<void> {
    if (this.spans.length === 0) return sending;
    try {
      await sending;
    } catch (error) {
      for (const span of this.spans) span.fail(error);
      throw error;
    } finally {
      for (const span of this.spans) span.end();
    }
  }
}
