import type { Checkout } from '../../edge/ports.js';

/** Hands a webhook on to checkout, which alone knows the signing secret. */
export class AcceptWebhook {
  constructor(private readonly checkout: Checkout) {}

  /** Errors: invalid_signature (forged, stale), unavailable, timeout. */
  run(rawBody: Uint8Array, signature: string): Promise<void> {
    return this.checkout.acceptStripeWebhook(rawBody, signature);
  }
}
