import {
  RATE_CARD_RPC,
  type PutRateCard,
  type PutRateCardView,
  type RateCardOwner,
  type RateCardView,
} from '@orbit/contracts';
import { readCardPrices, type CardPrices } from '@orbit/pricing';
import type { Clock } from '@orbit/kernel';
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

/** A card that is ready to rate by. */
export interface ReadyCard {
  readonly version: string;
  readonly prices: CardPrices;
}

/** A card that was put elsewhere rates charges here so late, in milliseconds. */
const KEPT_MS = 2_000;
const CARDS_MAX = 10_000;

/** The cards of the organizations that charge by price, in memory. */
export class CardMemory {
  private readonly cards = new Map<
    string,
    { readonly untilMs: number; card: Promise<ReadyCard | null> }
  >();

  constructor(
    private readonly source: RateCards,
    private readonly clock: Clock,
  ) {}

  of(organizationId: string): Promise<ReadyCard | null> {
    const nowMs = this.clock.nowMs();
    const kept = this.cards.get(organizationId);
    if (kept && kept.untilMs > nowMs) return kept.card;
    const card = this.read(organizationId);
    this.cards.delete(organizationId);
    this.cards.set(organizationId, { untilMs: nowMs + KEPT_MS, card });
    card.catch(() => this.forget(organizationId));
    const [oldest] = this.cards.keys();
    if (this.cards.size > CARDS_MAX && oldest !== undefined) this.cards.delete(oldest);
    return card;
  }

  /** It was put here: the next charge is rated by it. */
  forget(organizationId: string): void {
    this.cards.delete(organizationId);
  }

  private async read(organizationId: string): Promise<ReadyCard | null> {
    const view = await this.source.read({ organization_id: organizationId });
    return view && { version: view.version, prices: readCardPrices(view.prices).prices };
  }
}
