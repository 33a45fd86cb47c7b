import { Controller } from '@nestjs/common';
import type { ChargePosted, DeliveryReported } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { ApplyDeliveryBatch } from '../../deliveries/application/apply-delivery-batch.js';
import { MeterChargeBatch } from '../application/meter-charge-batch.js';
import { decodeCharge, decodeReport, type Decoded } from './decode.js';

/** At least once: offsets commit after a handler resolves, so each batch may come again. */
@Controller()
export class MeteringConsumer {
  constructor(
    private readonly meterChargeBatch: MeterChargeBatch,
    private readonly applyDeliveryBatch: ApplyDeliveryBatch,
  ) {}

  @BatchHandler('charge.posted')
  async onChargePosted(batch: EventBatch<ChargePosted>): Promise<void> {
    await this.meterChargeBatch.run(decodeBatch(batch, decodeCharge));
  }

  @BatchHandler('delivery.reported')
  async onDeliveryReported(batch: EventBatch<DeliveryReported>): Promise<void> {
    await this.applyDeliveryBatch.run(decodeBatch(batch, decodeReport));
  }
}

function decodeBatch<E, T>(batch: EventBatch<E>, decode: (event: E) => Decoded<T>): T[] {
  const values: T[] = [];
  for (const event of batch.events) {
    const decoded = decode(event.value);
    if (decoded.ok) values.push(decoded.value);
    else batch.deadLetter(event, 'invalid_value', decoded.detail);
  }
  return values;
}
