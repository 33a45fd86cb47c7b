import { Controller } from '@nestjs/common';
import {
  INVOICE_PAYMENTS,
  OrbitError,
  type InvoicePayment,
  type PayInvoice,
} from '@orbit/contracts';
import { readIsoCurrency } from '@orbit/money';
import { Handles } from '@orbit/runtime';
import { PayInvoiceNow } from '../application/pay-invoice.js';

/** Payments of invoices, over Nest TCP. */
@Controller()
export class InvoicePaymentsController {
  constructor(private readonly payInvoice: PayInvoiceNow) {}

  @Handles(INVOICE_PAYMENTS.pay)
  async pay(request: PayInvoice): Promise<InvoicePayment> {
    const currency = readIsoCurrency(request.currency);
    if (currency === null) {
      const message = 'Money of this currency cannot be taken.';
      throw new OrbitError('invalid_field', message, { param: 'currency' });
    }
    return this.payInvoice.run(request.organization_id, {
      invoiceId: request.invoice_id,
      paymentId: request.payment_id,
      description: request.description,
      amountMinor: request.amount_minor,
      currency,
    });
  }
}
