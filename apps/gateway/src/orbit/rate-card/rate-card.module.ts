import type { Feature } from '@orbit/runtime';
import { OperatorRateCardController, RateCardController } from './rate-card.controller.js';

/** Rate cards: the edge prices by them. */
export const rateCardFeature = (): Feature => ({
  controllers: [RateCardController, OperatorRateCardController],
});
