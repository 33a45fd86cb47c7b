import Stripe from 'stripe';
import { asked, askedOrMissing, failure } from '../../topups/adapters/stripe-calls.js';
import { toPaymentSnapshot } from '../../topups/adapters/stripe-snapshot.js';
import type { PaymentSnapshot } from '../../topups/domain/decide-topup.js';
import type { InvoiceCharge, InvoiceCharges } from '../application/ports.js';

const EXPAND = { expand: ['payment_method'] };
const LIST_SIZE = 100;

export class StripeInvoiceCharges implements InvoiceCharges {
  constructor(private readonly stripe: Stripe) {}

  async charge(of: InvoiceCharge, customer: string, method: string): Promise<PaymentSnapshot> {
    let declined: string | undefined;
    const intent = await asked(async () => {
      try {
        return await this.stripe.paymentIntents.create(
          {
            amount: of.amountMinor,
            currency: of.currency.toLowerCase(),
            customer,
            payment_method: method,
            ...{ off_session: true, confirm: true, description: of.description },
            metadata: { orbit_invoice_id: of.invoiceId, orbit_payment_id: of.paymentId },
            ...EXPAND,
          },
          { idempotencyKey: `orbit-invoice-${of.paymentId}` },
        );
      } catch (error) {
        // A decline names the payment that it is about.
        if (error instanceof Stripe.errors.StripeCardError) declined = error.payment_intent?.id;
        if (declined === undefined) throw error;
        return null;
      }
    });
    if (intent) return toPaymentSnapshot(intent);
    const seen = declined === undefined ? null : await this.read(declined);
    if (seen) return seen;
    throw failure(new Error('Stripe lost a payment that it had declined'), false);
  }

  async find(of: InvoiceCharge, customer: string): Promise<PaymentSnapshot | null> {
    const listed = await asked(() =>
      this.stripe.paymentIntents.list({ customer, limit: LIST_SIZE }),
    );
    const mine = listed.data.find(({ metadata }) => metadata['orbit_payment_id'] === of.paymentId);
    return mine ? this.read(mine.id) : null;
  }

  private async read(id: string): Promise<PaymentSnapshot | null> {
    const intent = await askedOrMissing(() => this.stripe.paymentIntents.retrieve(id, EXPAND));
    return intent && toPaymentSnapshot(intent);
  }
}
