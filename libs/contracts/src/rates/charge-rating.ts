import { PRICE_KEYS } from '@orbit/allowances';
import {
  formatAmount,
  isCurrency,
  micros,
  MICROS_MAX,
  type Currency,
  type Micros,
} from '@orbit/money';
import {
  parseDecimal,
  ratePrice,
  readQuantities,
  type CardFault,
  type CardPrices,
  type Decimal,
} from '@orbit/pricing';
import { PRICE_TAG, readPriceTag, type PricedView } from './rate-card.contract.js';

/** A card that is ready to rate by. */
export interface ReadyCard {
  readonly version: string;
  readonly prices: CardPrices;
}

/** The pricing of a charge without an amount, as its caller wrote it. */
export interface PriceAsk {
  readonly price: unknown;
  readonly quantity?: unknown;
  readonly quantities?: unknown;
}

/** A charge that named a price, as one of an amount. */
export interface RatedAsk {
  readonly amountMicros: Micros;
  readonly currency: Currency;
  readonly channel: string;
  /** Whole units that usage counts: a charge of several quantities, or of a fraction, is one. */
  readonly quantity: number;
  readonly view: PricedView;
  /** `costText` of what the operator pays upstream; null: the price names no cost. */
  readonly cost: string | null;
}

/** A charge that is known already: to Redis, or to the books. */
export interface KnownCharge {
  readonly currency: string;
  readonly channel: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const MICROS_PLACES = 6;
const TEXT_MAX = 1_000;
const QUANTITY_MAX = 1_000_000_000;

/** Rates a charge by a card: exact, and in whole micros, one at least, so that an empty wallet is asked. */
export function rateAsk(card: ReadyCard | null, ask: PriceAsk): RatedAsk | { fault: CardFault } {
  const { price: name, quantity, quantities } = ask;
  if (typeof name !== 'string' || name === '') {
    return faultOf('price', 'is the name of a price of the rate card');
  }
  const price = card?.prices.get(name);
  if (!card || !price) {
    const shown = JSON.stringify(name.slice(0, 64));
    return faultOf('price', `names none of the rate card: it has no ${shown}`);
  }
  if (!isCurrency(price.currency)) return faultOf('price', 'is in an unknown currency');
  const read = readQuantities(price, quantity, quantities);
  if ('fault' in read) return read;
  const { amount, formula, cost } = ratePrice(price, read.quantities);
  const amountMicros = microsOf(amount);
  if (amountMicros === null) {
    const path = quantity === undefined ? 'quantities' : 'quantity';
    return faultOf(path, 'costs more than a charge can be: 9007199254.740992');
  }
  return {
    amountMicros,
    currency: price.currency,
    channel: price.channel,
    quantity: countOf(quantity),
    view: {
      price: name,
      card_version: card.version,
      quantities: textsOf(read.quantities),
      rated: amount.toString(),
      formula: formula().slice(0, TEXT_MAX),
    },
    cost: cost && costText(cost.toString(), price.currency, amountMicros),
  };
}

/**
 * The charge as it was rated first, when it is the same: its identity is (charge id, price, quantities), whatever cards
 * were published since. Null: what is known under its id is another charge.
 */
export function ratedAsFirst(known: KnownCharge, ask: PriceAsk): RatedAsk | null {
  const view = readPriceTag(known.metadata);
  if (view === null || view.price !== ask.price) return null;
  const asked = quantitiesAsked(ask);
  if (asked === null || quantitiesText(asked) !== quantitiesText(view.quantities)) return null;
  const rated = parseDecimal(view.rated);
  // Where a plan pays some of it, the money it costs in all stands beside the units.
  const currency = known.metadata[PRICE_KEYS.currency] ?? known.currency;
  if (!rated || rated.isNegative || !isCurrency(currency)) return null;
  const amountMicros = microsOf(rated);
  const { channel } = known;
  if (amountMicros === null) return null;
  const cost = known.metadata[PRICE_TAG.cost];
  return {
    ...{ amountMicros, currency, channel, quantity: countOf(ask.quantity), view },
    cost: typeof cost === 'string' ? cost : null,
  };
}

/**
 * Reserved metadata of a charge that costs the operator something: `0.0042 USD/8755`, exact, and for how many micros of
 * the charge: what was captured in part cost a part. The books keep it with the charge, so that margin is a query.
 */
export const costText = (cost: string, currency: string, amountMicros: bigint): string =>
  `${cost} ${currency}/${amountMicros}`;

/** Both name a price: whether they are one charge. Null: not both do, so that amounts decide. */
export function isSamePricing(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): boolean | null {
  const [a, b] = [readPriceTag(one), readPriceTag(other)];
  if (a === null || b === null) return null;
  return a.price === b.price && quantitiesText(a.quantities) === quantitiesText(b.quantities);
}

/** Reserved metadata by which a charge keeps what it was rated with, beside the caller's own. */
export const priceTagOf = ({ view, cost }: RatedAsk): Readonly<Record<string, string>> => ({
  ...(cost !== null && { [PRICE_TAG.cost]: cost }),
  [PRICE_TAG.price]: view.price,
  [PRICE_TAG.card]: view.card_version,
  [PRICE_TAG.rated]: view.rated,
  [PRICE_TAG.quantities]: Object.entries(view.quantities)
    .map(([name, value]) => `${name}=${value}`)
    .join(' '),
  [PRICE_TAG.formula]: view.formula,
});

/** As a caller would have written it without a price. */
export const amountOf = ({ amountMicros, currency }: RatedAsk): string =>
  formatAmount(amountMicros, currency);

/** HALF_EVEN; the ledger carries what is left, and gives back what was too much. Null: too large for a charge. */
function microsOf(amount: Decimal): Micros | null {
  const whole = amount.round(MICROS_PLACES, 'HALF_EVEN').digitsAt(MICROS_PLACES);
  return whole > MICROS_MAX ? null : micros(whole < 1n ? 1n : whole);
}

const countOf = (quantity: unknown): number =>
  typeof quantity === 'number' &&
  Number.isInteger(quantity) &&
  quantity >= 1 &&
  quantity <= QUANTITY_MAX
    ? quantity
    : 1;

const textsOf = (quantities: Readonly<Record<string, Decimal>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(quantities).map(([name, value]) => [
      name === '' ? 'quantity' : name,
      value.toString(),
    ]),
  );

/** In the form of a tag; without the card it was rated by, which may no longer have the price. */
function quantitiesAsked({ quantity, quantities }: PriceAsk): Record<string, string> | null {
  if ((quantity === undefined) === (quantities === undefined)) return null;
  const given = quantities === undefined ? { quantity } : quantities;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return null;
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string' && !Number.isSafeInteger(value)) return null;
    const decimal = parseDecimal(String(value));
    if (decimal === null) return null;
    read[name] = decimal.toString();
  }
  return read;
}

/** In one order, whichever the caller wrote. */
const quantitiesText = (quantities: Readonly<Record<string, string>>): string =>
  Object.entries(quantities)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ');

const faultOf = (path: string, message: string): { fault: CardFault } => ({
  fault: { path, message },
});
