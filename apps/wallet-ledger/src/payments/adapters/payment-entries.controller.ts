import { Controller } from '@nestjs/common';
import {
  PAYMENT_ENTRIES,
  type PaymentEntriesPage,
  type PaymentEntriesQuery,
  type PaymentReference,
  type PaymentTotal,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ReadPaymentEntries } from '../application/read-payment-entries.js';

/** Entries of payments, for checkout's comparison with Stripe; over Nest TCP. */
@Controller()
export class PaymentEntriesController {
  constructor(private readonly read: ReadPaymentEntries) {}

  @Handles(PAYMENT_ENTRIES.list)
  list(query: PaymentEntriesQuery): Promise<PaymentEntriesPage> {
    return this.read.list(query);
  }

  @Handles(PAYMENT_ENTRIES.totals)
  totals(request: {
    readonly references: readonly PaymentReference[];
  }): Promise<readonly PaymentTotal[]> {
    return this.read.totals(request.references);
  }
}
