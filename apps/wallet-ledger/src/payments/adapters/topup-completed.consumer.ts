import { Controller } from '@nestjs/common';
import type { TopUpCompleted } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { isCurrency, micros, MICROS_PER_UNIT, parseAmount, type Micros } from '@orbit/money';
import type { LedgerCommand } from '../../books/application/commands.js';
import { PostBatch } from '../../books/application/post-batch.js';
import { postEvents } from '../../books/adapters/post-events.js';

/** `topup.completed` → a paid credit block, once per top-up id. */
@Controller()
export class TopUpCompletedConsumer {
  constructor(private readonly postBatch: PostBatch) {}

  @BatchHandler('topup.completed')
  handle(batch: EventBatch<TopUpCompleted>): Promise<void> {
    return postEvents(batch, this.postBatch, 'invalid_topup', ({ value }) => toCommand(value));
  }
}

export function toCommand(value: TopUpCompleted): LedgerCommand | string {
  const amount = parseAmount(value.amount);
  if (!amount.ok) return `amount: ${amount.fault}`;
  if (amount.amountMicros <= 0n) return 'amount: is positive';
  if (!isCurrency(value.currency)) return `currency: ${value.currency} is not supported`;
  const paid = paidOf(value.paid, amount.amountMicros);
  if (typeof paid === 'string') return paid;
  const occurredAtMs = Date.parse(value.occurred_at);
  if (Number.isNaN(occurredAtMs)) return 'occurred_at: is not an instant';
  return {
    kind: 'credit',
    key: { organizationId: value.organization_id, currency: value.currency },
    credit: {
      type: 'topup',
      reference: `topup:${value.topup_id}`,
      amountMicros: amount.amountMicros,
      kind: 'paid',
      priority: 0,
      ...paid.cost,
      // Credit may be spent from the moment it is booked, whatever the payment provider's clock says.
      effectiveAtMs: null,
      expiresAtMs: null,
      occurredAtMs,
      metadata: {
        currency: value.currency.toLowerCase(),
        fx_rate: 1,
        source_reference: value.reference,
        payment_intent: value.payment_intent_id,
        ...paid.metadata,
      },
    },
  };
}

/** Cost of a custom unit: the block's cost basis, and the amount paid for all of it. */
function paidOf(paid: TopUpCompleted['paid'], amountMicros: Micros) {
  if (paid === undefined) return { cost: {}, metadata: {} };
  const money = parseAmount(paid.amount);
  if (!money.ok) return `paid.amount: ${money.fault}`;
  const costBasisMicros = micros((money.amountMicros * MICROS_PER_UNIT) / amountMicros);
  return {
    cost: { costBasisMicros },
    metadata: { paid_amount: paid.amount, paid_currency: paid.currency.toLowerCase() },
  };
}
