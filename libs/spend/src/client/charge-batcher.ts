import type { ChargeEvent, ChargePublisher } from '../types.js';

/** The part of a Kafka producer that the batcher needs; `EventProducer` of @orbit/messaging fits. */
export interface BatchProducer {
  publish(topic: 'charge.requested', events: readonly ChargeEvent[]): Promise<void>;
}

/** Events in one request: about 400 kB, under half of what Kafka takes. */
const BATCH_SIZE_MAX = 1_000;

/** Events waiting while Kafka is slow; beyond it publishes fail at once instead of eating the memory. */
const WAITING_SIZE_MAX = 20_000;

interface Waiting {
  readonly event: ChargeEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Turns publishes of single charges into few large requests: while one request is under way, new
 * events gather for the next. No timer, so a lone charge waits for nothing.
 */
export class ChargeBatcher implements ChargePublisher {
  private waiting: Waiting[] = [];
  private isSending = false;

  constructor(
    private readonly options: {
      readonly producer: BatchProducer;
      /** Headers of whoever publishes, such as `traceparent`: asked at once, because the request belongs to nobody. */
      readonly headers?: () => Readonly<Record<string, string>> | undefined;
    },
  ) {}

  publish(event: ChargeEvent): Promise<void> {
    if (this.waiting.length >= WAITING_SIZE_MAX)
      return Promise.reject(new Error('too many charges wait for Kafka'));
    const carried = this.options.headers?.();
    const full = carried ? { ...event, headers: { ...carried, ...event.headers } } : event;
    return new Promise((resolve, reject) => {
      this.waiting.push({ event: full, resolve, reject });
      if (!this.isSending) void this.sendAll();
    });
  }

  private async sendAll(): Promise<void> {
    this.isSending = true;
    // Callers of the same tick share the first request.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH_SIZE_MAX);
      try {
        await this.options.producer.publish(
          'charge.requested',
          batch.map(({ event }) => event),
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isSending = false;
  }
}
