import { Controller } from '@nestjs/common';
import {
  RATE_CARDS,
  type PutRateCard,
  type PutRateCardView,
  type RateCardOwner,
  type RateCardView,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ManageCards } from '../application/manage-cards.js';

/** Rate cards, over Nest TCP. */
@Controller()
export class RateCardsController {
  constructor(private readonly cards: ManageCards) {}

  @Handles(RATE_CARDS.read)
  async read(owner: RateCardOwner): Promise<RateCardView | null> {
    return this.cards.read(owner);
  }

  @Handles(RATE_CARDS.put)
  async put(request: PutRateCard): Promise<PutRateCardView> {
    return this.cards.put(request);
  }
}
