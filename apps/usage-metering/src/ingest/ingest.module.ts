import { instances, type Feature } from '@orbit/runtime';
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
): Feature {
  const { transactions, sql, followers, clock, accountClock } = parts;
  const storeEvents = new StoreEvents(new PostgresUsageWriter(transactions, followers), clock);
  const names = new PostgresCustomerNames(transactions, followers);
  return {
    controllers: [UsageIngestedConsumer, UsageIngestController],
    providers: instances(
      new StoreMessages(storeEvents, runs, accountClock, clock),
      new AnswerGateway(new PostgresKeyReader(sql), names, accountClock, backfills),
    ),
  };
}
