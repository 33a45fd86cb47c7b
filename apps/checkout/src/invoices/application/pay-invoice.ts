import { OrbitError, type InvoicePayment } from '@orbit/contracts';
import type { CustomerDirectory } from '../../topups/application/customer-directory.js';
import type { SavedPayments } from '../../topups/application/payment-ports.js';
import { ProviderFailure } from '../../topups/application/ports.js';
import type { PaymentSnapshot } from '../../topups/domain/decide-topup.js';
import type { InvoiceCharge, InvoiceCharges } from './ports.js';

/** Statuses of a payment intent that may still become a payment without us. */
const OPEN: readonly string[] = ['processing', 'requires_capture', 'requires_confirmation'];

/**
 * Pays an invoice by the default payment method of its customer. The payment's id is the key at Stripe, and what Stripe
 * has under it is looked for first: however often this is asked, one payment is made.
 */
export class PayInvoiceNow {
  constructor(
    private readonly customers: Pick<CustomerDirectory, 'find'>,
    private readonly methods: Pick<SavedPayments, 'listMethods'>,
    private readonly charges: InvoiceCharges,
  ) {}

  /** Errors: payment_method_required; payment_provider_error while the outcome is unknown. */
  async run(organizationId: string, asked: InvoiceCharge): Promise<InvoicePayment> {
    const customerId = await this.customers.find(organizationId);
    if (customerId === null) throw noMethod();
    try {
      const known = await this.charges.find(asked, customerId);
      if (known) return answerOf(asked, known);
      const methods = await this.methods.listMethods(customerId);
      const chosen = methods.find(({ isDefault }) => isDefault);
      if (!chosen) throw noMethod();
      return answerOf(asked, await this.charges.charge(asked, customerId, chosen.id));
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      const { isRefusal, code } = error.options;
      if (isRefusal === true) return failed(asked, null, code ?? 'payment_refused');
      throw new OrbitError('payment_provider_error', 'The payment provider did not answer.', {
        retryAfterSeconds: 1,
        cause: error,
      });
    }
  }
}

const noMethod = (): OrbitError =>
  new OrbitError('payment_method_required', 'The customer has no payment method that is saved.');

/** Nobody is there to authenticate a payment that needs its owner: it has failed, and the next one may not. */
function answerOf(asked: InvoiceCharge, { paymentIntent }: PaymentSnapshot): InvoicePayment {
  const { paymentId } = asked;
  if (!paymentIntent) return failed(asked, null, 'payment_refused');
  const { id, status, lastErrorCode } = paymentIntent;
  if (status === 'succeeded' || OPEN.includes(status)) {
    const isPaid = status === 'succeeded';
    return {
      ...{ payment_id: paymentId, payment_intent_id: id, failure: null },
      status: isPaid ? 'succeeded' : 'open',
    };
  }
  return failed(asked, id, lastErrorCode ?? status);
}

const failed = (
  { paymentId }: InvoiceCharge,
  payment_intent_id: string | null,
  failure: string,
): InvoicePayment => ({ payment_id: paymentId, status: 'failed', payment_intent_id, failure });
