import {
  OrbitError,
  priceTagOf,
  rateAsk,
  ratedAsFirst,
  type PricedView,
  type RatedAsk,
} from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import type { Redis } from 'ioredis';
import { refused } from '../client/authorize-answer.js';
import { readChargeState } from '../ledger-side/charge-state.js';
import type { ChargeIntent, Refused } from '../types.js';
import type { CardMemory } from './card-memory.js';
import { costIn } from './cost-in.js';

/**
 * A caller's wish to spend, by the name of a price of the rate card. Its identity is (charge id, price, quantities).
 */
export interface PricedIntent extends Pick<
  ChargeIntent,
  'organizationId' | 'chargeId' | 'metadata' | 'cost' | 'occurredAtMs'
> {
  readonly price: string;
  /** A whole number, or a decimal string; of a price without dimensions. */
  readonly quantity?: number | string;
  /** By dimension. */
  readonly quantities?: Readonly<Record<string, number | string>>;
}

/** The rating of a charge by price; a repeat has that of the first time, whatever the card says by then. */
export interface Priced {
  readonly priced?: PricedView;
}

export const isPriced = <Intent extends object>(
  intent: Intent,
): intent is Extract<Intent, { readonly price: string }> => 'price' in intent;

/** A charge by price as one of an amount. Errors: OrbitError invalid_field; whoever has the card is unavailable. */
export async function inAmount<Intent extends Omit<PricedIntent, 'organizationId'>>(
  cards: CardMemory | undefined,
  organizationId: string,
  intent: Intent,
): Promise<{ readonly rated: RatedAsk; readonly intent: AmountOf<Intent> }> {
  invariant(cards, 'who charges by price has rate cards: give the option `cards`');
  const rated = rateAsk(await cards.of(organizationId), intent);
  if (!('fault' in rated)) return { rated, intent: withAmount(intent, rated) };
  const { path, message } = rated.fault;
  throw new OrbitError('invalid_field', `${path} ${message}.`, { param: path });
}

type AmountOf<Intent> = Omit<Intent, 'price' | 'quantity' | 'quantities' | 'cost'> &
  Pick<ChargeIntent, 'amountMicros' | 'currency' | 'channel' | 'quantity' | 'metadata'>;

function withAmount<Intent extends Omit<PricedIntent, 'organizationId'>>(
  intent: Intent,
  rated: RatedAsk,
): AmountOf<Intent> {
  const { amountMicros, currency, channel, quantity } = rated;
  const { price: _, quantity: _quantity, quantities: _quantities, cost, ...rest } = intent;
  const tagged = { ...intent.metadata, ...priceTagOf(rated) };
  // A cost that the caller names goes before the card's.
  const metadata = cost === undefined ? tagged : costIn(tagged, cost, rated);
  return { ...rest, amountMicros, currency, channel, quantity, metadata };
}

export interface PricedSpendingOptions {
  readonly cards: CardMemory | undefined;
  readonly redis: Redis;
  readonly onUnavailable: (error: unknown) => void;
}

/** Rates charges by price for a client; a repeat is rated as it was first. */
export class PricedSpending {
  constructor(private readonly options: PricedSpendingOptions) {}

  /** Errors: OrbitError invalid_field: the card has no such price, or not for such quantities. */
  async run<Asked extends PricedIntent, Result extends { readonly status: string }>(
    asked: Asked,
    spend: (intent: AmountOf<Asked>) => Promise<Result>,
  ): Promise<(Result | Refused) & Priced> {
    const { cards, onUnavailable } = this.options;
    let view: PricedView | undefined;
    try {
      const { rated, intent } = await inAmount(cards, asked.organizationId, asked);
      ({ view } = rated);
      const result = await spend(intent);
      if (!isConflict(result)) return { ...result, priced: view };
      const first = await this.first(asked);
      if (first === null || isEqual(first.view, view)) return { ...result, priced: view };
      return { ...(await spend(withAmount(asked, first))), priced: first.view };
    } catch (error) {
      if (view === undefined && isUnavailable(error)) {
        onUnavailable(error);
        return refused(['unavailable']);
      }
      // A price or a dimension that the card no longer has is no obstacle to a repeat.
      const first = view === undefined && isInvalid(error) ? await this.first(asked) : null;
      if (first === null) throw error;
      return { ...(await spend(withAmount(asked, first))), priced: first.view };
    }
  }

  /** Null also when Redis does not say. */
  private async first(asked: PricedIntent): Promise<RatedAsk | null> {
    const { organizationId, chargeId } = asked;
    try {
      const known = await readChargeState(this.options.redis, organizationId, chargeId);
      return known && ratedAsFirst(known, asked);
    } catch (error) {
      this.options.onUnavailable(error);
      return null;
    }
  }
}

const isEqual = (first: PricedView, second: PricedView): boolean =>
  first.card_version === second.card_version && first.rated === second.rated;

/** Values that agree, of a hold that has ended, are no conflict of ratings. */
const isConflict = (result: { readonly status: string }): boolean =>
  result.status === 'refused' &&
  (result as Refused).reason === 'charge_id_conflict' &&
  (result as Refused).endedAs === null;

const isInvalid = (error: unknown): boolean =>
  error instanceof OrbitError && error.code === 'invalid_field';
const isUnavailable = (error: unknown): boolean => error instanceof OrbitError && !isInvalid(error);
