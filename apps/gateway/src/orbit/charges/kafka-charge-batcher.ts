import { currentTrace, underTrace } from '@orbit/runtime';
import { ChargeBatcher, type BatchProducer } from '@orbit/spend';

/** Charges of many requests leave together, each under the trace of its own. */
export function tracedBatcher(producer: BatchProducer): ChargeBatcher {
  return new ChargeBatcher({
    producer: {
      publish: (topic, events) => underTrace(null, () => producer.publish(topic, events)),
    },
    headers: () => {
      const trace = currentTrace();
      return trace && { ...trace };
    },
  });
}
