import { instances, type Feature } from '@orbit/runtime';
import { ChargePostedConsumer } from './adapters/charge-posted.consumer.js';
import type { PrismaMeteringStore } from './adapters/prisma-metering-store.js';
import { MeterChargeBatch } from './application/meter-charge-batch.js';

/** Posted charges, counted once each. */
export const rollupsFeature = (store: PrismaMeteringStore): Feature => ({
  controllers: [ChargePostedConsumer],
  providers: instances(new MeterChargeBatch(store)),
});
