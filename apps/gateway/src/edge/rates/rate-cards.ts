import {
  RATE_CARD_RPC,
  type PutRateCard,
  type PutRateCardView,
  type RateCardOwner,
  type RateCardView,
} from '@orbit/contracts';
import type { Rpc } from '../rpc/rpc-services.js';

/** Rate cards, at the ledger. Errors: OrbitError `unavailable`, `timeout`, or what the ledger throws. */
export interface RateCards {
  /** In force now; null: nothing has a price. */
  read(owner: RateCardOwner): Promise<RateCardView | null>;
  put(request: PutRateCard): Promise<PutRateCardView>;
}

export const RATE_CARDS = Symbol('RateCards');

export class RpcRateCards implements RateCards {
  constructor(private readonly ledger: Rpc) {}

  read(owner: RateCardOwner): Promise<RateCardView | null> {
    return this.ledger.call(RATE_CARD_RPC.read, owner);
  }

  put(request: PutRateCard): Promise<PutRateCardView> {
    return this.ledger.call(RATE_CARD_RPC.put, request);
  }
}
