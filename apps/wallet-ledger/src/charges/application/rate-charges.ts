import {
  amountOf,
  PRICE_TAG_KEYS,
  priceTagOf,
  rateAsk,
  ratedAsFirst,
  type RatedAsk,
  type ReadyCard,
} from '@orbit/contracts';
import {
  METADATA_KEYS_MAX,
  type ChargeRequested,
  type ChargeRequestedByPrice,
} from '@orbit/events';
import { formatAmount } from '@orbit/money';
import type { Allowances, BookedCharge } from './allowance-ports.js';
import type { CardsInForce } from './price-ports.js';

/** Rates charges that came over Kafka by the name of a price, without an amount. */
export class RateCharges {
  constructor(
    private readonly cards: CardsInForce,
    private readonly books: Pick<Allowances, 'findBooked'>,
  ) {}

  /**
   * Each as one of an amount, or why it can never be one. The newest card counts that was in force when it
   * occurred; one that is in the books already stays as it was rated then, whatever cards were published since.
   * A constant number of statements, and none where no charge names a price.
   */
  async run(
    charges: readonly ChargeRequestedByPrice[],
  ): Promise<ReadonlyMap<ChargeRequestedByPrice, ChargeRequested | string>> {
    if (charges.length === 0) return new Map();
    const known = new Map<string, BookedCharge>();
    const named = charges.map(({ organization_id: organizationId, charge_id: chargeId }) => ({
      ...{ organizationId, chargeId },
    }));
    for (const one of await this.books.findBooked(named)) known.set(keyOf(one), one);
    const cards = await this.cards.findAt(
      charges.map(({ organization_id: organizationId, occurred_at: at }) => ({
        ...{ organizationId, atMs: Date.parse(at) },
      })),
    );
    return new Map(
      charges.map((charge, index) => {
        const { organization_id: organizationId, charge_id: chargeId } = charge;
        const first = known.get(keyOf({ organizationId, chargeId })) ?? null;
        return [charge, rated(charge, first, cards[index] ?? null)];
      }),
    );
  }
}

const keyOf = ({ organizationId, chargeId }: Pick<BookedCharge, 'organizationId' | 'chargeId'>) =>
  `${organizationId} ${chargeId}`;

function rated(
  charge: ChargeRequestedByPrice,
  known: BookedCharge | null,
  card: ReadyCard | null,
): ChargeRequested | string {
  const channel = known?.channel ?? null;
  const first = known && channel !== null ? ratedAsFirst({ ...known, channel }, charge) : null;
  if (first !== null) return inMoney(charge, first);
  const now = rateAsk(card, charge);
  if ('fault' in now) return `${now.fault.path}: ${now.fault.message}`;
  if (Object.keys(charge.metadata ?? {}).length > METADATA_KEYS_MAX - PRICE_TAG_KEYS.length) {
    return `metadata: has at most ${METADATA_KEYS_MAX - PRICE_TAG_KEYS.length} keys beside a price`;
  }
  if (known === null) return inMoney(charge, now);
  // Its id is known: the wallet that has it answers, whichever the card names by now.
  const { currency, amountMicros, status } = known;
  const answered = inMoney(charge, { ...now, currency });
  return status === 'rejected'
    ? { ...answered, amount: formatAmount(amountMicros, currency) }
    : answered;
}

/** The message as its sender would have written it without a price. */
export function inMoney(charge: ChargeRequestedByPrice, ask: RatedAsk): ChargeRequested {
  const { price: _price, quantity: _quantity, quantities: _quantities, ...rest } = charge;
  return {
    ...rest,
    amount: amountOf(ask),
    currency: ask.currency,
    channel: ask.channel,
    quantity: ask.quantity,
    metadata: { ...charge.metadata, ...priceTagOf(ask) },
  };
}
