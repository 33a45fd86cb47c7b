import type { CardPricesJson } from '@orbit/contracts';

/** Whose card; `organizationId` '' is the account itself. */
export interface CardOwner {
  readonly accountId: string;
  readonly organizationId: string;
}

export interface StoredCard extends CardOwner {
  readonly version: number;
  readonly effectiveAtMs: number;
  readonly prices: CardPricesJson;
}

/** Errors: the database's own. */
export interface CardStore {
  /** The account of an organization that has a wallet. */
  accountOf(organizationId: string): Promise<string | null>;
  /** Time of an account. */
  nowMs(accountId: string): Promise<number>;
  /** In force at an instant: the account's first, then the organization's; either may be missing. */
  inForce(owner: CardOwner, atMs: number): Promise<readonly StoredCard[]>;
  /** When the next one of either comes into force. */
  nextAfter(owner: CardOwner, atMs: number): Promise<number | null>;
  /** Adds a version, or answers the newest when it says the same. */
  add(
    owner: CardOwner,
    card: { readonly prices: CardPricesJson; readonly effectiveAtMs: number | null },
    nowMs: number,
  ): Promise<StoredCard & { readonly isReplay: boolean }>;
}
