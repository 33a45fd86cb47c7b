import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { INVOICE_PAYMENTS_RPC, OrbitError, type InvoicePayment } from '@orbit/contracts';
import { readIsoCurrency } from '@orbit/money';
import { fieldsOf, numberOf, textOf } from '../../topups/adapters/request-fields.js';
import { PayInvoiceNow } from '../application/pay-invoice.js';

/** Payments of invoices, over Nest TCP. */
@Controller()
export class InvoicePaymentsController {
  constructor(private readonly payInvoice: PayInvoiceNow) {}

  @MessagePattern(INVOICE_PAYMENTS_RPC.pay)
  pay(@Payload() payload: unknown): Promise<InvoicePayment> {
    const fields = fieldsOf(payload);
    const amountMinor = numberOf(fields, 'amount_minor', 'amount_minor');
    if (!Number.isSafeInteger(amountMinor) || amountMinor <= 0) {
      const message = 'amount_minor is a whole number above zero.';
      throw new OrbitError('invalid_field', message, { param: 'amount_minor' });
    }
    const currency = readIsoCurrency(textOf(fields, 'currency'));
    if (currency === null) {
      const message = 'Money of this currency cannot be taken.';
      throw new OrbitError('invalid_field', message, { param: 'currency' });
    }
    return this.payInvoice.run(textOf(fields, 'organization_id'), {
      invoiceId: textOf(fields, 'invoice_id'),
      paymentId: textOf(fields, 'payment_id'),
      description: textOf(fields, 'description'),
      ...{ amountMinor, currency },
    });
  }
}
