import { instances, type Feature } from '@orbit/runtime';
import type { FailPoint } from '../events/adapters/fail-points.js';
import type { UsageParts } from '../events/events.module.js';
import { PostgresCustomerNames } from './adapters/postgres-customer-names.js';
import { PostgresKeyReader } from './adapters/postgres-key-reader.js';
import { PostgresUsageWriter } from './adapters/postgres-usage-writer.js';
import { UsageIngestController } from './adapters/usage-ingest.controller.js';
import { UsageIngestedConsumer } from './adapters/usage-ingested.consumer.js';
import type { BackfillEvents, BackfillReader } from './application/ports.js';
import { AnswerGateway } from './application/answer-gateway.js';
import { StoreEvents } from './application/store-events.js';
import { StoreMessages } from './application/store-messages.js';

/** The way in of usage events. */
export function ingestFeature(
  parts: UsageParts,
  { runs, backfills }: { readonly runs: BackfillEvents; readonly backfills: BackfillReader },
  failPoint: FailPoint | null,
): Feature {
  const { transactions, sql, followers, clock, accountClock } = parts;
  const storeEvents = new StoreEvents(new PostgresUsageWriter(transactions, followers), clock);
  const names = new PostgresCustomerNames(transactions, followers);
  const messages = new StoreMessages(storeEvents, runs, accountClock, clock);
  const store = messages.run.bind(messages);
  if (failPoint) messages.run = (batch) => failPoint.beforeOffsets(store(batch));
  return {
    controllers: [UsageIngestedConsumer, UsageIngestController],
    providers: instances(
      messages,
      new AnswerGateway(new PostgresKeyReader(sql), names, accountClock, backfills),
    ),
  };
}
