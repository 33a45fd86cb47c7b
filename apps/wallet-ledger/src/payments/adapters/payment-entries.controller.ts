import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  PAYMENT_ENTRIES_RPC,
  type PaymentEntriesPage,
  type PaymentEntriesQuery,
  type PaymentReference,
  type PaymentTotal,
} from '@orbit/contracts';
import { ReadPaymentEntries } from '../application/read-payment-entries.js';

/** Entries of payments, for checkout's comparison with Stripe; over Nest TCP. */
@Controller()
export class PaymentEntriesController {
  constructor(private readonly read: ReadPaymentEntries) {}

  @MessagePattern(PAYMENT_ENTRIES_RPC.list)
  list(query: PaymentEntriesQuery): Promise<PaymentEntriesPage> {
    return this.read.list(query);
  }

  @MessagePattern(PAYMENT_ENTRIES_RPC.totals)
  totals(request: { references: readonly PaymentReference[] }): Promise<readonly PaymentTotal[]> {
    return this.read.totals(request.references);
  }
}
