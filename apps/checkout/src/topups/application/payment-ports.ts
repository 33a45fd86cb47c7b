import type { PaymentSnapshot } from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';

/** A payment method that Stripe keeps for a customer. */
export interface SavedMethod {
  readonly id: string;
  readonly type: string;
  readonly card: {
    readonly brand: string;
    readonly last4: string;
    readonly expMonth: number;
    readonly expYear: number;
  } | null;
  readonly isDefault: boolean;
  readonly createdAtMs: number;
}

/**
 * Payments by saved payment methods at Stripe. Every call throws ProviderFailure when it cannot be answered;
 * a decline is an answer.
 */
export interface SavedPayments {
  /** Newest first. The default is the one that was chosen, else the newest. Empty for a deleted customer. */
  listMethods(customerId: string): Promise<readonly SavedMethod[]>;
  setDefault(customerId: string, methodId: string): Promise<void>;
  detach(methodId: string): Promise<void>;
  /** Stripe's own page at which a person saves a payment method. */
  createSetupPage(request: SetupPage): Promise<string>;
  /** Charges the top-up to its payment method without its owner; the parameters follow from the top-up alone. */
  charge(topup: TopUp, customerId: string, idempotencyKey: string): Promise<PaymentSnapshot>;
  /** Asks for the owner: the same payment intent, now with a page at which it is authenticated. */
  authenticate(
    paymentIntentId: string,
    topup: TopUp,
    idempotencyKey: string,
  ): Promise<PaymentSnapshot>;
  /** The present truth; null when Stripe knows no such payment. */
  readPayment(paymentIntentId: string): Promise<PaymentSnapshot | null>;
  /** Finds the payment of a top-up whose answer we never saw. */
  findPayment(topup: TopUp, customerId: string): Promise<PaymentSnapshot | null>;
  /** Gives up a payment that waits for its owner; answers the truth when it has ended meanwhile. */
  cancel(paymentIntentId: string): Promise<PaymentSnapshot | null>;
}

export interface SetupPage {
  readonly customerId: string;
  readonly organizationId: string;
  /** Upper case. */
  readonly currency: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}
