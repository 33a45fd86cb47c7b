import { INVOICE_PAYMENTS, rpcClient, type Client, type Transport } from '@orbit/contracts';
import type { InvoicePayments } from '../application/ports.js';

/** Payments of invoices as checkout makes them. */
export class RpcInvoicePayments implements InvoicePayments {
  private readonly checkout: Client<typeof INVOICE_PAYMENTS>;

  constructor(transport: Transport) {
    this.checkout = rpcClient(INVOICE_PAYMENTS, transport);
  }

  async pay(of: Parameters<InvoicePayments['pay']>[0]) {
    const payment = await this.checkout.pay({
      organization_id: of.customerId,
      invoice_id: of.invoiceId,
      payment_id: of.paymentId,
      description: of.description,
      amount_minor: of.amountMinor,
      currency: of.currency,
    });
    const { status, payment_intent_id: paymentIntentId, failure } = payment;
    return { status, paymentIntentId, failure };
  }
}
