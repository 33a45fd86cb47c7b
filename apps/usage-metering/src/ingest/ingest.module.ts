import type { Provider } from '@nestjs/common';
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

export const INGEST_CONTROLLERS = [UsageIngestedConsumer, UsageIngestController];

/** The way in of usage events, wired. */
export function ingestProviders(
  parts: UsageParts,
  { runs, backfills }: { readonly runs: BackfillEvents; readonly backfills: BackfillReader },
): readonly Provider[] {
  const { transactions, sql, followers, clock, accountClock } = parts;
  const storeEvents = new StoreEvents(new PostgresUsageWriter(transactions, followers), clock);
  const names = new PostgresCustomerNames(transactions, followers);
  return [
    { provide: StoreMessages, useValue: new StoreMessages(storeEvents, runs, accountClock, clock) },
    {
      provide: AnswerGateway,
      useValue: new AnswerGateway(new PostgresKeyReader(sql), names, accountClock, backfills),
    },
  ];
}
