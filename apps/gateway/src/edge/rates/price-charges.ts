import { OrbitError, PRICE_TAG, type PricedView } from '@orbit/contracts';
import { formatAmount, isCurrency, micros } from '@orbit/money';
import { ratePrice, readQuantities, type CardFault, type Decimal } from '@orbit/pricing';
import type { CardMemory } from './rate-cards.js';

/** A charge that named a price, as one of an amount, and what it was rated with. */
export interface PricedBody {
  readonly body: Readonly<Record<string, unknown>>;
  readonly view: PricedView;
}

const MICROS_PLACES = 6;
const TEXT_MAX = 1_000;
const QUANTITY_MAX = 1_000_000_000;

/** Rates charges that name a price by the card in force, in process. */
export class PriceCharges {
  constructor(private readonly cards: CardMemory) {}

  /** Null: the body names no price. Errors: invalid_field; unavailable, timeout while a card is not known here. */
  async rate(organizationId: string, body: unknown): Promise<PricedBody | null> {
    if (!isObject(body) || !('price' in body)) return null;
    const { price: name, quantity, quantities, ...rest } = body;
    if (typeof name !== 'string' || name === '') {
      throw invalid('price', 'price is the name of a price of the rate card.');
    }
    for (const param of ['amount', 'currency', 'channel']) {
      if (rest[param] === undefined) continue;
      throw invalid(param, `${param} follows from the price; leave it out.`);
    }
    const card = await this.cards.of(organizationId);
    const price = card?.prices.get(name);
    if (!card || !price) {
      throw invalid('price', `The rate card has no price ${JSON.stringify(name.slice(0, 64))}.`);
    }
    const read = readQuantities(price, quantity, quantities);
    if ('fault' in read) throw faultOf(read.fault);
    const { amount, formula } = ratePrice(price, read.quantities);
    const whole = amount.round(MICROS_PLACES, 'HALF_EVEN').digitsAt(MICROS_PLACES);
    if (!isCurrency(price.currency)) throw invalid('price', 'The price is in an unknown currency.');
    return {
      body: {
        ...rest,
        // One micro at least, so that an empty wallet is asked; the ledger gives back what was too much.
        amount: formatAmount(micros(whole < 1n ? 1n : whole), price.currency),
        currency: price.currency,
        channel: price.channel,
        quantity: countOf(quantity),
      },
      view: {
        price: name,
        card_version: card.version,
        quantities: textsOf(read.quantities),
        rated: amount.toString(),
        formula: formula().slice(0, TEXT_MAX),
      },
    };
  }
}

/** What a charge keeps of its price, beside the caller's own metadata. */
export const tagOf = (view: PricedView): Readonly<Record<string, string>> => ({
  [PRICE_TAG.price]: view.price,
  [PRICE_TAG.card]: view.card_version,
  [PRICE_TAG.rated]: view.rated,
  [PRICE_TAG.quantities]: Object.entries(view.quantities)
    .map(([name, value]) => `${name}=${value}`)
    .join(' '),
  [PRICE_TAG.formula]: view.formula,
});

/** Usage counts whole units; a charge of several quantities, or of a fraction, is one. */
const countOf = (quantity: unknown): number =>
  typeof quantity === 'number' && quantity >= 1 && quantity <= QUANTITY_MAX ? quantity : 1;

const textsOf = (quantities: Readonly<Record<string, Decimal>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(quantities).map(([name, value]) => [
      name === '' ? 'quantity' : name,
      value.toString(),
    ]),
  );

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const faultOf = ({ path, message }: CardFault): OrbitError => invalid(path, `${path} ${message}.`);

const invalid = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });
