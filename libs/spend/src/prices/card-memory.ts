import {
  RATE_CARDS,
  rpcClient,
  type Client,
  type RateCardView,
  type ReadyCard,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { readCardPrices } from '@orbit/pricing';
import type { LeaseRpc } from '../lease/spend-lease-ledgers.js';

/** Where rate cards come from. Errors: OrbitError `unavailable`, `timeout`, `not_found`. */
export interface CardSource {
  /** In force now; null: nothing has a price. */
  read(owner: { readonly organization_id: string }): Promise<RateCardView | null>;
}

/** Cards over the RPC of wallet-ledger, for every process that charges by price; `RpcClient` of @orbit/runtime fits. */
export class RpcCardSource implements CardSource {
  private readonly cards: Client<typeof RATE_CARDS>;

  constructor(rpc: LeaseRpc) {
    this.cards = rpcClient(RATE_CARDS, rpc);
  }

  read(owner: { readonly organization_id: string }): Promise<RateCardView | null> {
    return this.cards.read(owner);
  }
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
    private readonly source: CardSource,
    private readonly clock: Clock,
  ) {}

  of(organizationId: string): Promise<ReadyCard | null> {
    const nowMs = this.clock.nowMs();
    const kept = this.cards.get(organizationId);
    if (kept && kept.untilMs > nowMs) return kept.card;
    const card = this.read(organizationId);
    this.cards.delete(organizationId);
    this.cards.set(organizationId, { untilMs: nowMs + KEPT_MS, card });
    card.catch(() => this.drop(organizationId));
    const [oldest] = this.cards.keys();
    if (this.cards.size > CARDS_MAX && oldest !== undefined) this.cards.delete(oldest);
    return card;
  }

  /** It was put here: the next charge is rated by it. */
  drop(organizationId: string): void {
    this.cards.delete(organizationId);
  }

  private async read(organizationId: string): Promise<ReadyCard | null> {
    const view = await this.source.read({ organization_id: organizationId });
    return view && { version: view.version, prices: readCardPrices(view.prices).prices };
  }
}
