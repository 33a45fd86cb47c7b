import { Controller } from '@nestjs/common';
import type {
  CreditWithdrawn,
  DisputeClosed,
  DisputeOpened,
  RefundCompleted,
  RefundFailed,
  RefundPending,
} from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { FollowCorrections } from '../application/follow-corrections.js';
import type { Correction } from '../domain/correction.js';
import { decodeCorrection } from './decode-correction.js';

type Event<T> = EventBatch<T>['events'][number];

/** At least once, in any order, also before the top-up: ranks decide. */
@Controller()
export class CorrectionsConsumer {
  constructor(private readonly follow: FollowCorrections) {}

  @BatchHandler('refund.pending')
  onRefundPending(batch: EventBatch<RefundPending>): Promise<void> {
    return this.note(batch, (value) =>
      decodeCorrection(value, 'refund', value.refund_id, 'pending'),
    );
  }

  @BatchHandler('refund.completed')
  onRefundCompleted(batch: EventBatch<RefundCompleted>): Promise<void> {
    return this.note(batch, (value) =>
      decodeCorrection(value, 'refund', value.refund_id, 'completed'),
    );
  }

  @BatchHandler('refund.failed')
  onRefundFailed(batch: EventBatch<RefundFailed>): Promise<void> {
    return this.note(batch, (value) =>
      decodeCorrection(value, 'refund', value.refund_id, 'failed'),
    );
  }

  @BatchHandler('dispute.opened')
  onDisputeOpened(batch: EventBatch<DisputeOpened>): Promise<void> {
    return this.note(batch, (value) =>
      decodeCorrection(value, 'dispute', value.dispute_id, 'opened'),
    );
  }

  @BatchHandler('dispute.closed')
  onDisputeClosed(batch: EventBatch<DisputeClosed>): Promise<void> {
    return this.note(batch, (value) =>
      decodeCorrection(value, 'dispute', value.dispute_id, value.outcome),
    );
  }

  @BatchHandler('credit.withdrawn')
  onCreditWithdrawn(batch: EventBatch<CreditWithdrawn>): Promise<void> {
    return this.note(batch, (value) =>
      decodeCorrection(
        value,
        'withdrawal',
        value.entry_id,
        value.kind === 'void' ? 'voided' : 'amended',
      ),
    );
  }

  private async note<T>(
    batch: EventBatch<T>,
    decode: (value: T) => ReturnType<typeof decodeCorrection>,
  ): Promise<void> {
    const events = new Map<Correction, Event<T>>();
    for (const event of batch.events) {
      const decoded = decode(event.value);
      if (decoded.ok) events.set(decoded.correction, event);
      else batch.deadLetter(event, 'invalid_value', decoded.detail);
    }
    for (const one of await this.follow.run([...events.keys()])) {
      const event = events.get(one);
      const detail = `currency: the receipt of ${one.topupId} does not say what its payment bought in ${one.unit}`;
      if (event) batch.deadLetter(event, 'invalid_value', detail);
    }
  }
}
