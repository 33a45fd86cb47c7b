import Stripe from 'stripe';
import type { SavedMethod, SavedPayments, SetupPage } from '../application/payment-ports.js';
import type { PaymentSnapshot } from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';
import { asked, askedOrMissing, failure } from './stripe-calls.js';
import { idOf, toPaymentSnapshot } from './stripe-snapshot.js';

const EXPAND = { expand: ['payment_method'] };
const LIST_SIZE = 100;

export class StripeSavedPayments implements SavedPayments {
  constructor(private readonly stripe: Stripe) {}

  async listMethods(customerId: string): Promise<readonly SavedMethod[]> {
    const customer = await askedOrMissing(() => this.stripe.customers.retrieve(customerId));
    if (customer === null || customer.deleted === true) return [];
    const chosen = idOf(customer.invoice_settings.default_payment_method);
    const listed = await asked(() =>
      this.stripe.customers.listPaymentMethods(customerId, { limit: LIST_SIZE }),
    );
    const methods = [...listed.data].sort((a, b) => b.created - a.created);
    const isThere = methods.some((method) => method.id === chosen);
    const defaultId = isThere ? chosen : methods[0]?.id;
    return methods.map((method) => toSavedMethod(method, method.id === defaultId));
  }

  async setDefault(customerId: string, methodId: string): Promise<void> {
    await asked(() =>
      this.stripe.customers.update(customerId, {
        invoice_settings: { default_payment_method: methodId },
      }),
    );
  }

  async detach(methodId: string): Promise<void> {
    await asked(() => this.stripe.paymentMethods.detach(methodId));
  }

  async createSetupPage(page: SetupPage): Promise<string> {
    const metadata = { orbit_organization_id: page.organizationId };
    const session = await asked(() =>
      this.stripe.checkout.sessions.create({
        mode: 'setup',
        customer: page.customerId,
        currency: page.currency.toLowerCase(),
        success_url: page.successUrl,
        cancel_url: page.cancelUrl,
        metadata,
        setup_intent_data: { metadata },
      }),
    );
    if (session.url === null) throw failure(new Error(`Session ${session.id} has no page`), true);
    return session.url;
  }

  async charge(topup: TopUp, customerId: string, idempotencyKey: string): Promise<PaymentSnapshot> {
    const create = (): Promise<Stripe.PaymentIntent> =>
      this.stripe.paymentIntents.create(
        {
          amount: Number(topup.amountMinor),
          currency: topup.paymentCurrency.toLowerCase(),
          customer: customerId,
          ...(topup.paymentMethodId === null ? {} : { payment_method: topup.paymentMethodId }),
          off_session: true,
          confirm: true,
          description: 'Wallet top-up',
          metadata: { orbit_topup_id: topup.id, orbit_organization_id: topup.organizationId },
          ...EXPAND,
        },
        { idempotencyKey },
      );
    return this.answered(create);
  }

  async authenticate(
    paymentIntentId: string,
    topup: TopUp,
    idempotencyKey: string,
  ): Promise<PaymentSnapshot> {
    const confirm = (): Promise<Stripe.PaymentIntent> =>
      this.stripe.paymentIntents.confirm(
        paymentIntentId,
        {
          ...(topup.paymentMethodId === null ? {} : { payment_method: topup.paymentMethodId }),
          return_url: topup.successUrl,
          ...EXPAND,
        },
        { idempotencyKey },
      );
    return this.answered(confirm);
  }

  async readPayment(paymentIntentId: string): Promise<PaymentSnapshot | null> {
    const intent = await askedOrMissing(() =>
      this.stripe.paymentIntents.retrieve(paymentIntentId, EXPAND),
    );
    return intent === null ? null : toPaymentSnapshot(intent);
  }

  async findPayment(topup: TopUp, customerId: string): Promise<PaymentSnapshot | null> {
    // A minute earlier than our row: the clocks of Stripe and of this machine may differ.
    const created = { gte: Math.floor(topup.createdAtMs / 1_000) - 60 };
    const listed = await asked(() =>
      this.stripe.paymentIntents.list({ customer: customerId, created, limit: LIST_SIZE }),
    );
    const mine = listed.data.filter((one) => one.metadata['orbit_topup_id'] === topup.id);
    const found = mine.find((one) => one.status === 'succeeded') ?? mine[0];
    return found === undefined ? null : this.readPayment(found.id);
  }

  async cancel(paymentIntentId: string): Promise<PaymentSnapshot | null> {
    try {
      const cancellation_reason = 'abandoned';
      const intent = await asked(() =>
        this.stripe.paymentIntents.cancel(paymentIntentId, { cancellation_reason, ...EXPAND }),
      );
      return toPaymentSnapshot(intent);
    } catch (error) {
      // It may have ended a moment ago: what it is now counts.
      const seen = await this.readPayment(paymentIntentId);
      const isWaiting = seen?.paymentIntent?.status === 'requires_action';
      if (isWaiting) throw error;
      return seen;
    }
  }

  /** A decline is an answer: the payment intent in the error says which. What it is now is read again. */
  private async answered(call: () => Promise<Stripe.PaymentIntent>): Promise<PaymentSnapshot> {
    let declined: string | undefined;
    const intent = await asked(async () => {
      try {
        return await call();
      } catch (error) {
        if (error instanceof Stripe.errors.StripeCardError) declined = error.payment_intent?.id;
        if (declined === undefined) throw error;
        return null;
      }
    });
    if (intent !== null) return toPaymentSnapshot(intent);
    const seen = declined === undefined ? null : await this.readPayment(declined);
    if (seen === null)
      throw failure(new Error('Stripe lost a payment that it had declined'), false);
    return seen;
  }
}

const toSavedMethod = (method: Stripe.PaymentMethod, isDefault: boolean): SavedMethod => ({
  id: method.id,
  type: method.type,
  card: method.card
    ? {
        brand: method.card.brand,
        last4: method.card.last4,
        expMonth: method.card.exp_month,
        expYear: method.card.exp_year,
      }
    : null,
  isDefault,
  createdAtMs: method.created * 1_000,
});
