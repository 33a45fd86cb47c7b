import { Controller } from '@nestjs/common';
import type { TopUpCompleted } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { IssueInvoiceBatch } from '../application/issue-invoice-batch.js';
import type { PaidTopUp } from '../domain/invoice.js';
import { decodeTopUp } from './decode-topup.js';

/** At least once: offsets commit after the handler resolves, so each batch may come again. */
@Controller()
export class TopUpCompletedConsumer {
  constructor(private readonly issueInvoiceBatch: IssueInvoiceBatch) {}

  @BatchHandler('topup.completed')
  async onTopUpCompleted(batch: EventBatch<TopUpCompleted>): Promise<void> {
    const topUps: PaidTopUp[] = [];
    for (const event of batch.events) {
      const decoded = decodeTopUp(event.value);
      if (decoded.ok) topUps.push(decoded.topUp);
      else batch.deadLetter(event, 'invalid_value', decoded.detail);
    }
    await this.issueInvoiceBatch.run(topUps);
  }
}
