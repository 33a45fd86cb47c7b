import { Controller, Inject } from '@nestjs/common';
import { isReservedChargeId, RESERVED_IN_CHARGE_IDS } from '@orbit/allowances';
import { costText, PRICE_TAG } from '@orbit/contracts';
import {
  isByPrice,
  METADATA_KEYS_MAX,
  type ChargeRequested,
  type ChargeRequestedByPrice,
  type Metadata,
} from '@orbit/events';
import { BatchHandler, type EventBatch, type ReceivedEvent } from '@orbit/messaging';
import { isCurrency, parseAmount, type Micros } from '@orbit/money';
import { AUTHORIZATIONS, type Authorizations } from '../application/authorization-ports.js';
import type { ChargeCommand } from '../../books/application/commands.js';
import { PostCharges } from '../application/post-charges.js';
import { RateCharges } from '../application/rate-charges.js';
import { postEvents } from '../../books/adapters/post-events.js';

/** A charge whose authorization is a lease's id was authorized from that lease. */
const LEASE_PREFIX = 'lease_';
const REPLY_TO_HEADER = 'orbit_reply_to';
const RESERVED = `charge_id: "${RESERVED_IN_CHARGE_IDS}" marks what a plan pays of a charge; send it again under an id without it`;

/** Null: it names no lease. */
export const leaseOf = ({ authorization_id: id }: ChargeRequested): string | null =>
  id?.startsWith(LEASE_PREFIX) ? id : null;

/** `charge.requested` → one group commit per batch. Messages that can never be posted go to the dead letters. */
@Controller()
export class ChargeRequestedConsumer {
  constructor(
    private readonly postCharges: PostCharges,
    private readonly rateCharges: RateCharges,
    @Inject(AUTHORIZATIONS) private readonly authorizations: Authorizations,
  ) {}

  @BatchHandler('charge.requested')
  async handle(batch: EventBatch<ChargeRequested | ChargeRequestedByPrice>): Promise<void> {
    const asked = batch.events.map(({ value }) => value);
    const byPrice = await this.rateCharges.run(asked.filter(isByPrice));
    const inMoney = (charge: ChargeRequested | ChargeRequestedByPrice): ChargeRequested | string =>
      isByPrice(charge) ? (byPrice.get(charge) ?? 'price: was not rated') : charge;
    const charges = asked.map(inMoney).filter((charge) => typeof charge !== 'string');
    const trusted = await this.authorizations.findTrusted(charges);
    await postEvents(batch, this.postCharges, 'invalid_charge', ({ value, headers }) => {
      const charge = inMoney(value);
      if (typeof charge === 'string') return charge;
      return toCommand({ value: charge, headers }, trusted.get(charge) ?? null);
    });
  }
}

/**
 * The command, or why the message can never become one. `heldMicros`: what the authorization holds that was given for
 * it; null: it is a charge without any, whatever it says.
 */
export function toCommand(
  event: Pick<ReceivedEvent<ChargeRequested>, 'value' | 'headers'>,
  heldMicros: Micros | null,
): ChargeCommand | string {
  const { value } = event;
  const amount = parseAmount(value.amount);
  if (!amount.ok) return `amount: ${amount.fault}`;
  if (amount.amountMicros <= 0n) return 'amount: is positive';
  if (!isCurrency(value.currency)) return `currency: ${value.currency} is not supported`;
  const occurredAtMs = Date.parse(value.occurred_at);
  if (Number.isNaN(occurredAtMs)) return 'occurred_at: is not an instant';
  const metadata = metadataOf(value, amount.amountMicros);
  if (Object.keys(metadata).length > METADATA_KEYS_MAX) {
    return `metadata: has at most ${METADATA_KEYS_MAX - 1} keys beside a cost`;
  }
  const isAuthorized = heldMicros !== null;
  if (!isAuthorized && isReservedChargeId(value.charge_id)) return RESERVED;
  const leaseId = leaseOf(value);
  return {
    kind: 'charge',
    key: { organizationId: value.organization_id, currency: value.currency },
    charge: {
      chargeId: value.charge_id,
      amountMicros: amount.amountMicros,
      channel: value.channel,
      quantity: value.quantity ?? 1,
      metadata,
      occurredAtMs,
      isAuthorized,
      ...(isAuthorized && heldMicros > amount.amountMicros && { heldMicros }),
      leaseId,
    },
    replyTo: event.headers[REPLY_TO_HEADER] ?? null,
  };
}

/** With the cost that the sender names, as the books keep it. */
function metadataOf({ metadata = {}, cost, currency }: ChargeRequested, micros: Micros): Metadata {
  if (cost === undefined) return metadata;
  return { ...metadata, [PRICE_TAG.cost]: costText(cost, currency, micros) };
}
