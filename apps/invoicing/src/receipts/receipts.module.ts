import type { Clock } from '@orbit/kernel';
import type { EventProducer } from '@orbit/messaging';
import type { PrismaClient } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import type { InvoicingConfig } from '../invoicing.config.js';
import { LIVE_ACCOUNT } from '../numbering/domain/document-number.js';
import { CorrectionsConsumer } from './adapters/corrections.consumer.js';
import { InvoicesController } from './adapters/invoices.controller.js';
import { KafkaOutboxRelay } from './adapters/kafka-outbox-relay.js';
import type { PdfReceiptRenderer } from './adapters/pdf-receipt-renderer.js';
import { PrismaInvoiceStore } from './adapters/prisma-invoice-store.js';
import { TopUpCompletedConsumer } from './adapters/topup-completed.consumer.js';
import { FollowCorrections } from './application/follow-corrections.js';
import { IssueInvoiceBatch } from './application/issue-invoice-batch.js';
import { ReadInvoices } from './application/read-invoices.js';
import { plainText, type Seller } from './domain/receipt.js';

const ADDRESS_LINES_MAX = 4;

export interface ReceiptParts {
  readonly prisma: PrismaClient;
  readonly producer: EventProducer;
  readonly clock: Clock;
  readonly renderer: PdfReceiptRenderer;
  readonly seller: Seller;
}

/** Receipts of top-ups and credit notes of refunds, issued as the facts come in. */
export function receiptsFeature(parts: ReceiptParts): Feature {
  const { prisma, producer, clock, renderer, seller } = parts;
  const store = new PrismaInvoiceStore(prisma);
  const relay = new KafkaOutboxRelay(prisma, producer, clock);
  return {
    controllers: [TopUpCompletedConsumer, CorrectionsConsumer, InvoicesController],
    providers: instances(
      new IssueInvoiceBatch(store, relay, clock, LIVE_ACCOUNT),
      new FollowCorrections(store, clock, LIVE_ACCOUNT),
      new ReadInvoices(store, renderer, seller),
    ),
    jobs: [relay.job],
    start: () => relay.start(),
    stop: () => relay.stop(),
  };
}

/** The seller, as documents show it. */
export function sellerOf(
  config: Pick<InvoicingConfig, 'ORBIT_SELLER_NAME' | 'ORBIT_SELLER_ADDRESS'>,
): Seller {
  const lines = config.ORBIT_SELLER_ADDRESS.split(/\||\\n|\n/).map((line) => plainText(line));
  return {
    name: plainText(config.ORBIT_SELLER_NAME),
    addressLines: lines.filter((line) => line !== '').slice(0, ADDRESS_LINES_MAX),
  };
}
