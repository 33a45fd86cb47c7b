import { INVOICE_PAYMENTS_RPC, type InvoicePayment, type PayInvoice } from '@orbit/contracts';
import type { RpcClient } from '@orbit/runtime';
import type { InvoicePayments } from '../application/ports.js';

/** Payments of invoices as checkout makes them. */
export class RpcInvoicePayments implements InvoicePayments {
  constructor(private readonly checkout: Pick<RpcClient, 'call'>) {}

  async pay(of: Parameters<InvoicePayments['pay']>[0]) {
    const request: PayInvoice = {
      organization_id: of.customerId,
      invoice_id: of.invoiceId,
      payment_id: of.paymentId,
      description: of.description,
      amount_minor: of.amountMinor,
      currency: of.currency,
    };
    const payment = await this.checkout.call<InvoicePayment>(INVOICE_PAYMENTS_RPC.pay, request);
    const { status, payment_intent_id: paymentIntentId, failure } = payment;
    return { status, paymentIntentId, failure };
  }
}
