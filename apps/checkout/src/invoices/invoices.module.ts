import { instances, type Feature } from '@orbit/runtime';
import { InvoicePaymentsController } from './adapters/invoice-payments.controller.js';
import { PayInvoiceNow } from './application/pay-invoice.js';

/** With what tests pay by. */
export interface InvoicesFeature extends Feature {
  readonly payInvoice: PayInvoiceNow;
}

/** Invoices of invoicing, paid by the saved payment method. */
export function invoicesFeature(
  ...needs: ConstructorParameters<typeof PayInvoiceNow>
): InvoicesFeature {
  const payInvoice = new PayInvoiceNow(...needs);
  return {
    controllers: [InvoicePaymentsController],
    providers: instances(payInvoice),
    payInvoice,
  };
}
