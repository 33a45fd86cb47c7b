import type { Feature } from '@orbit/runtime';
import { OperatorRefundsController, RefundsController } from './refunds.controller.js';

/** Refunds and disputes; checkout answers. */
export const refundsFeature = (): Feature => ({
  controllers: [RefundsController, OperatorRefundsController],
});
