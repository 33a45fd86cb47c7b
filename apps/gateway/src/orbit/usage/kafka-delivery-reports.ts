import type { DeliveryReported } from '@orbit/events';
import { newId, type Clock } from '@orbit/kernel';
import type { EventProducer } from '@orbit/messaging';
import type { DeliveryReports } from '../../edge/ports.js';
import { bounded } from '../../edge/rpc/availability.js';

/** Delivery reports to `delivery.reported`, keyed by organization, one request for all of them. */
export class KafkaDeliveryReports implements DeliveryReports {
  constructor(
    private readonly producer: EventProducer,
    private readonly clock: Clock,
  ) {}

  async publish(reports: readonly DeliveryReported[]): Promise<void> {
    const timeMs = this.clock.nowMs();
    const events = reports.map((value) => ({
      key: value.organization_id,
      value,
      id: newId('evt', timeMs),
      timeMs,
      source: 'gateway',
    }));
    await bounded('Kafka', this.producer.publish('delivery.reported', events));
  }
}
