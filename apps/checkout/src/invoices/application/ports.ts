import type { PaymentSnapshot } from '../../topups/domain/decide-topup.js';

export interface InvoiceCharge {
  readonly invoiceId: string;
  readonly paymentId: string;
  readonly description: string;
  readonly amountMinor: number;
  /** Upper case. */
  readonly currency: string;
}

/** Payments of invoices at Stripe. A decline is an answer. Errors: ProviderFailure. */
export interface InvoiceCharges {
  /** The parameters follow from the charge and the method alone. */
  charge(of: InvoiceCharge, customerId: string, methodId: string): Promise<PaymentSnapshot>;
  /** A payment whose answer nobody saw; null: there is none. */
  find(of: InvoiceCharge, customerId: string): Promise<PaymentSnapshot | null>;
}
