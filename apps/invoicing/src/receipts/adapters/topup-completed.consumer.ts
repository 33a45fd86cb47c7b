import { Controller } from '@nestjs/common';
import type { TopUpCompleted } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import type { TraceHeaders } from '@orbit/runtime';
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
    const traces = new Map<string, TraceHeaders>();
    for (const event of batch.events) {
      const decoded = decodeTopUp(event.value);
      if (!decoded.ok) {
        batch.deadLetter(event, 'invalid_value', decoded.detail);
        continue;
      }
      topUps.push(decoded.topUp);
      if (event.trace) traces.set(decoded.topUp.topupId, event.trace);
    }
    await this.issueInvoiceBatch.run(topUps, traces);
  }
}
