import { Controller } from '@nestjs/common';
import type { RefundCompleted, RefundFailed } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { completeRefundCommand, failRefundCommand } from '../application/claim-payments.js';
import type { LedgerCommand } from '../application/commands.js';
import { PostBatch } from '../application/post-batch.js';
import { readFact } from './payment-facts.js';
import { postEvents } from './post-events.js';

/** What became of refunds, from checkout: booked, or free again. */
@Controller()
export class RefundEventsConsumer {
  constructor(private readonly postBatch: PostBatch) {}

  @BatchHandler('refund.completed')
  completed(batch: EventBatch<RefundCompleted>): Promise<void> {
    return postEvents(batch, this.postBatch, 'invalid_refund', ({ value }) => toCompleted(value));
  }

  @BatchHandler('refund.failed')
  failed(batch: EventBatch<RefundFailed>): Promise<void> {
    return postEvents(batch, this.postBatch, 'invalid_refund', ({ value }) => toFailed(value));
  }
}

function toCompleted(value: RefundCompleted): LedgerCommand | string {
  const fact = readFact(value);
  if (typeof fact === 'string') return fact;
  const { refund_id: refundId, stripe_refund_id: stripeRefundId, reason } = value;
  return completeRefundCommand(fact.key, {
    ...fact,
    refundId,
    facts: {
      payment_intent: value.payment_intent_id,
      stripe_refund_id: stripeRefundId,
      ...(reason === null ? {} : { reason }),
    },
  });
}

function toFailed(value: RefundFailed): LedgerCommand | string {
  const fact = readFact(value);
  if (typeof fact === 'string') return fact;
  const { refund_id: refundId, reason } = value;
  return failRefundCommand(fact.key, { ...fact, refundId, facts: { reason } });
}
