import { Controller } from '@nestjs/common';
import type { ChargePosted } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { MeterChargeBatch } from '../application/meter-charge-batch.js';
import { decodeBatch, decodeCharge } from './decode.js';

/** At least once: offsets commit after a handler resolves, so each batch may come again. */
@Controller()
export class ChargePostedConsumer {
  constructor(private readonly meterChargeBatch: MeterChargeBatch) {}

  @BatchHandler('charge.posted')
  async onChargePosted(batch: EventBatch<ChargePosted>): Promise<void> {
    await this.meterChargeBatch.run(decodeBatch(batch, decodeCharge));
  }
}
