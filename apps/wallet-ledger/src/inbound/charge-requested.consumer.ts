import { Controller } from '@nestjs/common';
import type { ChargeRequested } from '@orbit/events';
import { BatchHandler, type EventBatch, type ReceivedEvent } from '@orbit/messaging';
import { isCurrency, parseAmount } from '@orbit/money';
import type { ChargeCommand } from '../application/commands.js';
import { PostCharges } from '../application/post-charges.js';
import { postEvents } from './post-events.js';

/** A charge whose authorization is a lease's id was authorized from that lease. */
const LEASE_PREFIX = 'lease_';
const REPLY_TO_HEADER = 'orbit_reply_to';

/** `charge.requested` → one group commit per batch. Messages that can never be posted go to the dead letters. */
@Controller()
export class ChargeRequestedConsumer {
  constructor(private readonly postCharges: PostCharges) {}

  @BatchHandler('charge.requested')
  handle(batch: EventBatch<ChargeRequested>): Promise<void> {
    return postEvents(batch, this.postCharges, 'invalid_charge', toCommand);
  }
}

/** The command, or why the message can never become one. */
export function toCommand(
  event: Pick<ReceivedEvent<ChargeRequested>, 'value' | 'headers'>,
): ChargeCommand | string {
  const { value } = event;
  const amount = parseAmount(value.amount);
  if (!amount.ok) return `amount: ${amount.fault}`;
  if (amount.amountMicros <= 0n) return 'amount: is positive';
  if (!isCurrency(value.currency)) return `currency: ${value.currency} is not supported`;
  const occurredAtMs = Date.parse(value.occurred_at);
  if (Number.isNaN(occurredAtMs)) return 'occurred_at: is not an instant';
  const leaseId = value.authorization_id?.startsWith(LEASE_PREFIX) ? value.authorization_id : null;
  // A wrong or missing key costs order, not money: the wallet's row is locked and its version fenced.
  return {
    kind: 'charge',
    key: { organizationId: value.organization_id, currency: value.currency },
    charge: {
      chargeId: value.charge_id,
      amountMicros: amount.amountMicros,
      channel: value.channel,
      quantity: value.quantity ?? 1,
      metadata: value.metadata ?? {},
      occurredAtMs,
      isAuthorized: typeof value.authorization_id === 'string' && leaseId === null,
      leaseId,
    },
    replyTo: event.headers[REPLY_TO_HEADER] ?? null,
  };
}
