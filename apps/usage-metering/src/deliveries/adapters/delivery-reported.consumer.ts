import { Controller } from '@nestjs/common';
import type { DeliveryReported } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { decodeBatch, decodeReport } from '../../rollups/adapters/decode.js';
import { ApplyDeliveryBatch } from '../application/apply-delivery-batch.js';

/** At least once: offsets commit after a handler resolves, so each batch may come again. */
@Controller()
export class DeliveryReportedConsumer {
  constructor(private readonly applyDeliveryBatch: ApplyDeliveryBatch) {}

  @BatchHandler('delivery.reported')
  async onDeliveryReported(batch: EventBatch<DeliveryReported>): Promise<void> {
    await this.applyDeliveryBatch.run(decodeBatch(batch, decodeReport));
  }
}
