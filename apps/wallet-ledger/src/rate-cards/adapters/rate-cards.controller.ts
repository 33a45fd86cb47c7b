import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  RATE_CARD_RPC,
  type PutRateCard,
  type PutRateCardView,
  type ReadRateCard,
  type RateCardView,
} from '@orbit/contracts';
import { ManageCards } from '../application/manage-cards.js';

/** Rate cards, over Nest TCP. */
@Controller()
export class RateCardsController {
  constructor(private readonly cards: ManageCards) {}

  @MessagePattern(RATE_CARD_RPC.read)
  read(@Payload() asked: ReadRateCard): Promise<RateCardView | null> {
    return this.cards.read(asked);
  }

  @MessagePattern(RATE_CARD_RPC.put)
  put(@Payload() request: PutRateCard): Promise<PutRateCardView> {
    return this.cards.put(request);
  }
}
