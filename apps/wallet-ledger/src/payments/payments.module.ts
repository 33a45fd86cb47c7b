import { instances, type Feature } from '@orbit/runtime';
import type { Pool } from 'pg';
import type { ChangeWallet } from '../books/application/change-wallet.js';
import { DisputeEventsConsumer } from './adapters/dispute-events.consumer.js';
import { PaymentEntriesController } from './adapters/payment-entries.controller.js';
import { PostgresPaymentEntries } from './adapters/postgres-payment-entries.js';
import { RefundEventsConsumer } from './adapters/refund-events.consumer.js';
import { RefundsController } from './adapters/refunds.controller.js';
import { TopUpCompletedConsumer } from './adapters/topup-completed.consumer.js';
import { ReserveRefund } from './application/clawback-commands.js';
import { ReadPaymentEntries } from './application/read-payment-entries.js';

/** Money that came in and went back: top-ups, refunds, disputes, and what Stripe has. */
export const paymentsFeature = (pool: Pool, changeWallet: ChangeWallet): Feature => ({
  controllers: [
    TopUpCompletedConsumer,
    RefundEventsConsumer,
    RefundsController,
    DisputeEventsConsumer,
    PaymentEntriesController,
  ],
  providers: instances(
    new ReserveRefund(changeWallet),
    new ReadPaymentEntries(new PostgresPaymentEntries(pool)),
  ),
});
