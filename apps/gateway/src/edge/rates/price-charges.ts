import {
  amountOf,
  OrbitError,
  priceTagOf,
  rateAsk,
  ratedAsFirst,
  type ErrorCode,
  type KnownCharge,
  type PriceAsk,
  type PricedView,
  type RatedAsk,
} from '@orbit/contracts';
import type { CardMemory } from '@orbit/spend';

type Fields = Readonly<Record<string, unknown>>;

export type PriceTag = Readonly<Record<string, string>>;

/** A charge that named a price, as one of an amount, and what it was rated with. */
export interface PricedBody {
  readonly body: Fields;
  readonly view: PricedView;
  /** The facts of its price, kept in reserved metadata. */
  readonly tag: PriceTag;
}

/** A charge with its amount; null: it named no price. */
export interface Spent<Result> {
  readonly result: Result;
  readonly view: PricedView | null;
}

/** Charges that were made before, here or elsewhere. Errors: unavailable. */
export interface ChargesBefore {
  find(organizationId: string, chargeId: string): Promise<readonly KnownCharge[]>;
}

/** Refusals that a repeat may get which is rated by a newer card than its first. */
const MAY_BE_REPEATED: readonly ErrorCode[] = [
  'charge_id_conflict',
  'insufficient_funds',
  'outbound_paused',
  'unsupported_currency',
];

/** Rates charges that name a price by the card in force, in process. A repeat keeps what its first was rated with. */
export class PriceCharges {
  constructor(
    private readonly cards: CardMemory,
    private readonly before: ChargesBefore,
  ) {}

  /** Null: the body names no price. Errors: invalid_field; unavailable, timeout while a card is not known here. */
  async rate(organizationId: string, body: unknown): Promise<PricedBody | null> {
    return isPriced(body) ? this.rateBody(organizationId, body) : null;
  }

  /**
   * Rates a body and spends it. What is refused because its id is known, or would not be taken today, is looked up: the
   * same price and quantities are the same charge, and are asked for again as they were rated first.
   */
  async spend<Result>(
    organizationId: string,
    body: unknown,
    spend: (body: unknown, tag: PriceTag | null) => Promise<Result>,
  ): Promise<Spent<Result>> {
    if (!isPriced(body)) return { result: await spend(body, null), view: null };
    const ask = async ({ body: inAmount, view, tag }: PricedBody): Promise<Spent<Result>> => ({
      result: await spend(inAmount, tag),
      view,
    });
    let priced: PricedBody | null = null;
    try {
      priced = await this.rateBody(organizationId, body);
      return await ask(priced);
    } catch (error) {
      const first = mayBeRepeat(error, priced) ? await this.first(organizationId, body) : null;
      if (first === null || isEqual(first.view, priced?.view)) throw error;
      return ask(first);
    }
  }

  private async rateBody(organizationId: string, body: Fields): Promise<PricedBody> {
    const { ask, rest } = partsOf(body);
    const rated = rateAsk(await this.cards.of(organizationId), ask);
    if (!('fault' in rated)) return inMoney(rest, rated);
    const { path, message } = rated.fault;
    throw invalid(path, `${path} ${message}.`);
  }

  /** Null also while nobody knows: then the refusal stands. */
  private async first(organizationId: string, body: Fields): Promise<PricedBody | null> {
    const { charge_id: chargeId } = body;
    if (typeof chargeId !== 'string' || chargeId === '') return null;
    const { ask, rest } = partsOf(body);
    const known = await this.before.find(organizationId, chargeId).catch(noneWhileAway);
    for (const one of known) {
      const rated = ratedAsFirst(one, ask);
      if (rated !== null) return inMoney(rest, rated);
    }
    return null;
  }
}

/** Errors: invalid_field: what follows from the price was sent, too. */
function partsOf(body: Fields): { readonly ask: PriceAsk; readonly rest: Fields } {
  const { price, quantity, quantities, ...rest } = body;
  if (typeof price !== 'string' || price === '') {
    throw invalid('price', 'price is the name of a price of the rate card.');
  }
  for (const param of ['amount', 'currency', 'channel']) {
    if (rest[param] === undefined) continue;
    throw invalid(param, `${param} follows from the price; leave it out.`);
  }
  return { ask: { price, quantity, quantities }, rest };
}

const inMoney = (rest: Fields, rated: RatedAsk): PricedBody => ({
  body: {
    ...rest,
    amount: amountOf(rated),
    currency: rated.currency,
    channel: rated.channel,
    quantity: rated.quantity,
  },
  view: rated.view,
  tag: priceTagOf(rated),
});

/** A price or a dimension that the card no longer has is no obstacle to a repeat. */
function mayBeRepeat(error: unknown, priced: PricedBody | null): boolean {
  if (!(error instanceof OrbitError)) return false;
  if (priced === null) return error.code === 'invalid_field';
  return MAY_BE_REPEATED.includes(error.code);
}

/** Rated the same: asking once more would get the same answer. */
const isEqual = (first: PricedView, second: PricedView | undefined): boolean =>
  second !== undefined &&
  first.card_version === second.card_version &&
  first.rated === second.rated &&
  first.formula === second.formula;

function noneWhileAway(error: unknown): readonly KnownCharge[] {
  if (error instanceof OrbitError && ['unavailable', 'timeout'].includes(error.code)) return [];
  throw error;
}

const isPriced = (body: unknown): body is Fields =>
  typeof body === 'object' && body !== null && !Array.isArray(body) && 'price' in body;

const invalid = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });
