import { Controller } from '@nestjs/common';
import type { RefundCompleted, RefundFailed, RefundPending } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import {
  beginRefundCommand,
  completeRefundCommand,
  failRefundCommand,
} from '../application/clawback-commands.js';
import type { LedgerCommand } from '../../books/application/commands.js';
import { PostBatch } from '../../books/application/post-batch.js';
import type { RefundFact } from '../domain/refund.js';
import type { WalletKey } from '../../books/application/ports.js';
import { readFact } from './payment-facts.js';
import { postEvents } from '../../books/adapters/post-events.js';

/** Outcomes of refunds, from checkout: booked, or free again. */
@Controller()
export class RefundEventsConsumer {
  constructor(private readonly postBatch: PostBatch) {}

  @BatchHandler('refund.pending')
  pending(batch: EventBatch<RefundPending>): Promise<void> {
    return postEvents(batch, this.postBatch, 'invalid_refund', ({ value }) =>
      toPaidBack(value, beginRefundCommand),
    );
  }

  @BatchHandler('refund.completed')
  completed(batch: EventBatch<RefundCompleted>): Promise<void> {
    return postEvents(batch, this.postBatch, 'invalid_refund', ({ value }) =>
      toPaidBack(value, completeRefundCommand),
    );
  }

  @BatchHandler('refund.failed')
  failed(batch: EventBatch<RefundFailed>): Promise<void> {
    return postEvents(batch, this.postBatch, 'invalid_refund', ({ value }) => toFailed(value));
  }
}

function toPaidBack(
  value: RefundPending | RefundCompleted,
  commandOf: (key: WalletKey, fact: RefundFact) => LedgerCommand,
): LedgerCommand | string {
  const fact = readFact(value);
  if (typeof fact === 'string') return fact;
  const { refund_id: refundId, stripe_refund_id: stripeRefundId, reason } = value;
  return commandOf(fact.key, {
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
