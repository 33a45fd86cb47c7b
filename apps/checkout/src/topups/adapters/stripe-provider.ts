import { formatAmount, isIsoCurrency } from '@orbit/money';
import Stripe from 'stripe';
import type { HostedSession, PaymentProvider, SignatureCheck } from '../application/ports.js';
import type { PaymentSnapshot } from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';
import { asked, askedOrMissing, failure } from './stripe-calls.js';
import { idOf, toSnapshot } from './stripe-snapshot.js';

/** Seconds that a signature stays good: Stripe's own default. */
const SIGNATURE_TOLERANCE_SECONDS = 300;
/** One call to Stripe, in milliseconds; with one retry a call ends within twice this and a pause. */
const STRIPE_TIMEOUT_MS = 5_000;
const STRIPE_RETRY_COUNT = 1;

/** The version that the SDK's types describe; an upgrade of the SDK is an upgrade of the API. */
const API_VERSION = Stripe.API_VERSION as Stripe.LatestApiVersion;

/** The official client. `apiBase` points it at another server that speaks Stripe's API: our sandbox. */
export function createStripe(secretKey: string, apiBase?: string): Stripe {
  const shared = {
    apiVersion: API_VERSION,
    timeout: STRIPE_TIMEOUT_MS,
    maxNetworkRetries: STRIPE_RETRY_COUNT,
    telemetry: false,
    appInfo: { name: 'orbit-billing' },
  } as const;
  if (apiBase === undefined) return new Stripe(secretKey, shared);
  const url = new URL(apiBase);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  const port = url.port === '' ? (protocol === 'http' ? 80 : 443) : Number(url.port);
  return new Stripe(secretKey, { ...shared, host: url.hostname, port, protocol });
}

export class StripeProvider implements PaymentProvider {
  constructor(private readonly stripe: Stripe) {}

  async createCustomer(organizationId: string, idempotencyKey: string): Promise<string> {
    const customer = await asked(() =>
      this.stripe.customers.create(
        { metadata: { orbit_organization_id: organizationId } },
        { idempotencyKey },
      ),
    );
    return customer.id;
  }

  /** The parameters follow from the top-up alone: Stripe refuses a key that comes with other ones. */
  async createSession(
    topup: TopUp,
    customerId: string,
    idempotencyKey: string,
  ): Promise<HostedSession> {
    const metadata = {
      orbit_topup_id: topup.id,
      orbit_organization_id: topup.organizationId,
    };
    const session = await asked(() =>
      this.stripe.checkout.sessions.create(
        {
          mode: 'payment',
          customer: customerId,
          client_reference_id: topup.id,
          line_items: [
            {
              quantity: 1,
              price_data: {
                currency: topup.paymentCurrency.toLowerCase(),
                unit_amount: Number(topup.amountMinor),
                product_data: { name: nameOf(topup) },
              },
            },
          ],
          success_url: topup.successUrl,
          cancel_url: topup.cancelUrl,
          metadata,
          payment_intent_data: { metadata, setup_future_usage: 'off_session' },
        },
        { idempotencyKey },
      ),
    );
    if (session.url === null) {
      // The key brought back a session that has ended since; the next attempt opens another one.
      throw failure(new Error(`Session ${session.id} has no page any more`), true);
    }
    return {
      id: session.id,
      url: session.url,
      expiresAtMs: session.expires_at * 1_000,
      paymentIntentId: idOf(session.payment_intent),
    };
  }

  async readSession(sessionId: string): Promise<PaymentSnapshot | null> {
    const expand = ['payment_intent', 'payment_intent.payment_method'];
    const session = await askedOrMissing(() =>
      this.stripe.checkout.sessions.retrieve(sessionId, { expand }),
    );
    return session === null ? null : toSnapshot(session);
  }

  async readSessionOfPayment(paymentIntentId: string): Promise<PaymentSnapshot | null> {
    const found = await asked(() =>
      this.stripe.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 1 }),
    );
    const session = found.data[0];
    return session === undefined ? null : this.readSession(session.id);
  }
}

/** The name of the purchase on the payer's page. */
const nameOf = ({ currency, amountMicros }: TopUp): string =>
  isIsoCurrency(currency) ? 'Wallet top-up' : `${formatAmount(amountMicros, currency)} ${currency}`;

/** The signed time, read as Stripe's client reads it: of several the last counts. */
const signedAtMs = (signature: string): number =>
  1_000 *
  Number.parseInt(
    signature
      .split(',')
      .findLast((part) => part.startsWith('t='))
      ?.slice(2) ?? '',
    10,
  );

/** Verifies Stripe's signature over the raw bytes, against our clock. */
export class StripeSignatureCheck implements SignatureCheck {
  constructor(
    private readonly stripe: Stripe,
    private readonly webhookSecret: string,
  ) {}

  verify(body: Buffer, signature: string, nowMs: number): unknown {
    // Stripe's client looks at the age alone: a time far ahead would stay good until then.
    if (signedAtMs(signature) > nowMs + SIGNATURE_TOLERANCE_SECONDS * 1_000) return null;
    try {
      return this.stripe.webhooks.constructEvent(
        body,
        signature,
        this.webhookSecret,
        SIGNATURE_TOLERANCE_SECONDS,
        undefined,
        nowMs,
      );
    } catch {
      // Not signed by Stripe, too old, or not JSON: the sender learns no more than that.
      return null;
    }
  }
}
