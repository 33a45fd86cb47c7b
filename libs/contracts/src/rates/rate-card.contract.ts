import { organizationId } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  integer,
  list,
  nullable,
  object,
  optional,
  quantity,
  record,
  text,
  type Shape,
  type Static,
} from '../schema/shape.js';
import type { ChargeRating } from '../wallet-ledger/explain.contract.js';

/** Prices by name, as they were put; `readCardPrices` of @orbit/pricing reads them. */
export type CardPricesJson = Readonly<Record<string, unknown>>;

/** For the OpenAPI document. */
export const CARD_PRICES_EXAMPLE = {
  chat: {
    ...{ currency: 'USD', channel: 'ai' },
    dimensions: {
      input: { model_type: 'unit', unit_config: { unit_amount: '0.0000025' } },
      output: { model_type: 'unit', unit_config: { unit_amount: '0.00001' } },
    },
  },
} as const;
const anything: Shape<unknown> = {};
const prices = record(anything, { example: CARD_PRICES_EXAMPLE });

/** Whose card: an organization's own, which goes before its account's, price by price; or an account's. */
export type RateCardOwner = { readonly organization_id: string } | { readonly account_id: string };
/** One of the two, which the type says and the schema does not. */
export const RateCardOwner = object({
  organization_id: optional(organizationId),
  account_id: optional(text({ minLength: 1 })),
}) as Shape<unknown> as Shape<RateCardOwner>;

/** Prices are read by the ledger, with the library of prices, and so is the instant. */
const putFields = {
  prices: record(anything, {
    example: CARD_PRICES_EXAMPLE,
    description:
      'By name: currency, channel, and a price model with its config, or one per dimension. `cost` has the same form: the price that the operator pays upstream, in the same currency. A name that the account’s card has, too, goes before it.',
  }),
  /** Absent: from now on. */
  effective_at: optional(
    text({
      format: 'rfc3339',
      says: 'is an RFC 3339 instant that is not over',
      example: '2027-01-01T00:00:00Z',
    }),
  ),
} as const;
export const PutRateCardBody = object(putFields, { title: 'PutRateCardBody' });
export type PutRateCardBody = Static<typeof PutRateCardBody>;
export const PutRateCard = object({ owner: RateCardOwner, ...putFields });
export type PutRateCard = Static<typeof PutRateCard>;

/** A charge by price, without its id. */
export const QuoteBody = object(
  {
    price: text({ says: 'is the name of a price of the rate card', example: 'chat' }),
    quantity: optional(
      quantity({
        says: 'is a whole number or a decimal string',
        example: 1,
        description: 'Price model of a price without dimensions.',
      }),
    ),
    quantities: optional(
      record(quantity({ says: 'is a whole number or a decimal string' }), {
        example: { input: 1234, output: 567 },
      }),
    ),
  },
  { title: 'QuoteBody' },
);
export type QuoteBody = Static<typeof QuoteBody>;

/** The card in force at this instant. */
export const RateCardView = object(
  {
    version: text({
      example: '3.1',
      description: 'Version of the account’s card, and of the organization’s own; 0 is none.',
    }),
    prices,
    overrides: list(text(), { description: 'Prices that are the organization’s own.' }),
    /** When the next card that was put comes into force; null: none was. */
    next_effective_at: nullable(text({ format: 'date-time' })),
  },
  { title: 'RateCardModel' },
);
export type RateCardView = Static<typeof RateCardView>;

const put = {
  /** Rises with each card of this owner. */
  version: integer({ example: 3 }),
  effective_at: text({ example: '2027-01-01T00:00:00.000Z', format: 'date-time' }),
  prices,
} as const;
export const PutRateCardView = object({
  ...put,
  /** The newest card of the owner said the same, so there is no further one. */
  is_replay: flag(),
});
export type PutRateCardView = Static<typeof PutRateCardView>;

/** As answers over HTTP show it. */
export const ShownPutRateCard = object(put, { title: 'PutRateCardModel' });
export type ShownPutRateCard = Static<typeof ShownPutRateCard>;

/** The prices that charges name. */
export const RATE_CARDS = {
  /** In force now; null: nothing has a price. */
  read: operation('rate_card.read', RateCardOwner, nullable(RateCardView)),
  put: operation('rate_card.put', PutRateCard, PutRateCardView),
} as const;

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

const priced = {
  price: text({ example: 'chat' }),
  card_version: text({ example: '3.1' }),
  /** By dimension, decimal strings; the one key `quantity` of a price without dimensions. */
  quantities: record(text()),
  rated: text({ example: '0.008755', description: 'Exact amount, a decimal string.' }),
  formula: text({
    example: 'input: 1234 × 0.0000025 = 0.003085; output: 567 × 0.00001 = 0.00567',
  }),
} as const;
/** Of a charge that names a price, as it is answered and explained. */
export const PricedView = object(priced);
export type PricedView = Static<typeof PricedView>;

export const QuoteView = object(
  {
    ...priced,
    amount: text({ example: '0.008755', description: 'Amount of the charge, in whole micros.' }),
    currency: text({ example: 'USD' }),
  },
  { title: 'QuoteModel' },
);
export type QuoteView = Static<typeof QuoteView>;

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
  const tag = (key: keyof typeof PRICE_TAG): string | null => {
    const value = metadata?.[PRICE_TAG[key]];
    return typeof value === 'string' ? value : null;
  };
  const [price, card, rated] = [tag('price'), tag('card'), tag('rated')];
  if (price === null || card === null || rated === null) return null;
  const quantities = Object.fromEntries(
    (tag('quantities') ?? '')
      .split(' ')
      .map((part) => part.split('='))
      .filter((part): part is [string, string] => part.length === 2),
  );
  return { price, card_version: card, quantities, rated, formula: tag('formula') ?? '' };
}
