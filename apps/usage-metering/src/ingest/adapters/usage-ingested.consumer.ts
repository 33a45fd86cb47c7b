import { Controller } from '@nestjs/common';
import type { UsageIngested } from '@orbit/events';
import { counter, histogram } from '@orbit/metrics';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { StoreMessages } from '../application/store-messages.js';

const eventCount = counter('orbit_usage_events_total');
const seconds = histogram('orbit_usage_stored_seconds');

/** At least once: offsets commit after a handler resolves, so each batch may come again. */
@Controller()
export class UsageIngestedConsumer {
  constructor(private readonly messages: StoreMessages) {}

  @BatchHandler('usage.ingested')
  async onUsageIngested(batch: EventBatch<UsageIngested>): Promise<void> {
    const refused = await this.messages.run(batch.events.map(({ value }) => value));
    for (const { at, reason, detail } of refused) {
      const event = batch.events[at];
      if (event) batch.deadLetter(event, reason, detail);
    }
    const nowMs = Date.now();
    for (const { value, raw } of batch.events) {
      eventCount.inc(value.events.length);
      seconds.observe(Math.max(0, nowMs - Number(raw.timestamp)) / 1_000);
    }
  }
}
