import type { ChargeRating } from '../wallet-ledger/explain.contract.js';

/** Nest TCP patterns of the ledger: what charges cost. */
export const RATE_CARD_RPC = {
  /** ReadRateCard → RateCardView | null. */
  read: 'rate_card.read',
  /** PutRateCard → PutRateCardView. */
  put: 'rate_card.put',
} as const;

/** Whose card: an organization's own, which goes before its account's, price by price; or an account's. */
export type RateCardOwner = { readonly organization_id: string } | { readonly account_id: string };

export type ReadRateCard = RateCardOwner;

/** Prices by name, as they were put; `readCardPrices` of @orbit/pricing reads them. */
export type CardPricesJson = Readonly<Record<string, unknown>>;

export interface PutRateCard {
  readonly owner: RateCardOwner;
  readonly prices: unknown;
  /** ISO 8601; absent: from now on. */
  readonly effective_at?: string;
}

/** The card in force at this instant. */
export interface RateCardView {
  /** `<version of the account's card>.<version of the organization's>`; 0 is none. */
  readonly version: string;
  readonly prices: CardPricesJson;
  /** Names of the prices that are the organization's own. */
  readonly overrides: readonly string[];
  /** When the next card that was put comes into force; null: none was. */
  readonly next_effective_at: string | null;
}

export interface PutRateCardView {
  /** Of this owner's cards. */
  readonly version: number;
  readonly effective_at: string;
  readonly prices: CardPricesJson;
  /** The newest card of the owner said the same, so there is no further one. */
  readonly is_replay: boolean;
}

/**
 * Metadata keys, ours alone, of a charge that names a price: it keeps by them what it was rated with, so that it can be
 * computed again for ever. `rated` is the exact amount; `amount` of the charge is that in whole micros, one at least.
 */
export const PRICE_TAG = {
  price: 'orbit_price',
  card: 'orbit_card',
  quantities: 'orbit_quantities',
  rated: 'orbit_rated',
  formula: 'orbit_formula',
  /** See `costText`. */
  cost: 'orbit_cost',
} as const;
export const PRICE_TAG_KEYS: readonly string[] = Object.values(PRICE_TAG);

/** Of a charge that names a price, as it is answered and explained. */
export interface PricedView {
  readonly price: string;
  readonly card_version: string;
  /** By dimension, decimal strings; the one key `quantity` of a price without dimensions. */
  readonly quantities: Readonly<Record<string, string>>;
  /** Exact. */
  readonly rated: string;
  readonly formula: string;
}

/** As `explain` shows it; null: the charge names no price. */
export function ratingOf(
  metadata: Readonly<Record<string, unknown>> | null | undefined,
): ChargeRating | null {
  const tag = readPriceTag(metadata);
  return (
    tag && {
      price_id: tag.price,
      price_version: tag.card_version,
      quantities: tag.quantities,
      formula: tag.formula,
      unrounded_amount: tag.rated,
    }
  );
}

/** Null: the charge names no price. */
export function readPriceTag(
  metadata: Readonly<Record<string, unknown>> | null | undefined,
): PricedView | null {
  const text = (key: keyof typeof PRICE_TAG): string | null => {
    const value = metadata?.[PRICE_TAG[key]];
    return typeof value === 'string' ? value : null;
  };
  const [price, card, rated] = [text('price'), text('card'), text('rated')];
  if (price === null || card === null || rated === null) return null;
  const quantities = Object.fromEntries(
    (text('quantities') ?? '')
      .split(' ')
      .map((part) => part.split('='))
      .filter((part): part is [string, string] => part.length === 2),
  );
  return { price, card_version: card, quantities, rated, formula: text('formula') ?? '' };
}
