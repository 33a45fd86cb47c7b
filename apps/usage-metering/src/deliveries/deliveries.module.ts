import { instances, type Feature } from '@orbit/runtime';
import type { PrismaMeteringStore } from '../rollups/adapters/prisma-metering-store.js';
import { DeliveryReportedConsumer } from './adapters/delivery-reported.consumer.js';
import { ApplyDeliveryBatch } from './application/apply-delivery-batch.js';

/** Deliveries of what was charged for, as callers report them. */
export const deliveriesFeature = (store: PrismaMeteringStore): Feature => ({
  controllers: [DeliveryReportedConsumer],
  providers: instances(new ApplyDeliveryBatch(store)),
});
