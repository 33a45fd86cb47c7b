import { Controller } from '@nestjs/common';
import type { DisputeClosed, DisputeOpened } from '@orbit/events';
import { systemClock } from '@orbit/kernel';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { parseAmount } from '@orbit/money';
import { closeDisputeCommand, openDisputeCommand } from '../application/claim-payments.js';
import type { LedgerCommand } from '../application/commands.js';
import { PostBatch } from '../application/post-batch.js';
import { readFact } from './payment-facts.js';
import { postEvents } from './post-events.js';

/** Disputes, from checkout: held and paused while open, then back or gone. */
@Controller()
export class DisputeEventsConsumer {
  constructor(private readonly postBatch: PostBatch) {}

  @BatchHandler('dispute.opened')
  opened(batch: EventBatch<DisputeOpened>): Promise<void> {
    return postEvents(batch, this.postBatch, 'invalid_dispute', ({ value }) => toOpened(value));
  }

  @BatchHandler('dispute.closed')
  closed(batch: EventBatch<DisputeClosed>): Promise<void> {
    return postEvents(batch, this.postBatch, 'invalid_dispute', ({ value }) => toClosed(value));
  }
}

function toOpened(value: DisputeOpened): LedgerCommand | string {
  const fact = readFact(value);
  if (typeof fact === 'string') return fact;
  const { dispute_id: disputeId, payment_intent_id: intent, reason } = value;
  const facts = { payment_intent: intent, reason };
  return openDisputeCommand(fact.key, { ...fact, disputeId, facts }, systemClock);
}

function toClosed(value: DisputeClosed): LedgerCommand | string {
  const fact = readFact(value);
  if (typeof fact === 'string') return fact;
  const fee = parseAmount(value.fee);
  if (!fee.ok || fee.amountMicros < 0n) return 'fee: is a decimal string, zero or more';
  const { dispute_id: disputeId, payment_intent_id: intent, outcome } = value;
  const decision = {
    ...fact,
    disputeId,
    isWon: outcome === 'won',
    feeMicros: fee.amountMicros,
    facts: { payment_intent: intent },
  };
  return closeDisputeCommand(fact.key, decision, systemClock);
}
