import { Controller } from '@nestjs/common';
import type { DisputeClosed, DisputeOpened } from '@orbit/events';
import { systemClock } from '@orbit/kernel';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { parseAmount, ZERO_MICROS, type Micros } from '@orbit/money';
import { closeDisputeCommand, openDisputeCommand } from '../application/clawback-commands.js';
import type { LedgerCommand } from '../../books/application/commands.js';
import { PostBatch } from '../../books/application/post-batch.js';
import { readFact } from './payment-facts.js';
import { postEvents } from '../../books/adapters/post-events.js';

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
  const feeMicros = readFee(value.fee);
  if (feeMicros === null) return WRONG_FEE;
  const { dispute_id: disputeId, payment_intent_id: intent, reason } = value;
  const facts = { payment_intent: intent, reason };
  return openDisputeCommand(fact.key, { ...fact, disputeId, feeMicros, facts }, systemClock);
}

function toClosed(value: DisputeClosed): LedgerCommand | string {
  const fact = readFact(value);
  if (typeof fact === 'string') return fact;
  const feeMicros = readFee(value.fee);
  if (feeMicros === null) return WRONG_FEE;
  const { dispute_id: disputeId, payment_intent_id: intent, outcome } = value;
  const decision = {
    ...fact,
    disputeId,
    isWon: outcome === 'won',
    feeMicros,
    facts: { payment_intent: intent },
  };
  return closeDisputeCommand(fact.key, decision, systemClock);
}

const WRONG_FEE = 'fee: is a decimal string, zero or more';

/** Null: it is none. */
function readFee(text: string | undefined): Micros | null {
  if (text === undefined) return ZERO_MICROS;
  const fee = parseAmount(text);
  return fee.ok && fee.amountMicros >= 0n ? fee.amountMicros : null;
}
