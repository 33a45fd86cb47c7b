import type { Clock } from '@orbit/kernel';
import type { WebhookSender } from '../world/ports.js';
import type { StripeEvent } from '../world/objects.js';
import { signWebhook } from './webhook-signature.js';

/** Stripe waits about so long for an answer. */
const ANSWER_MS_MAX = 10_000;

export class HttpWebhookSender implements WebhookSender {
  constructor(private readonly clock: Clock) {}

  async post(
    url: string,
    secret: string,
    event: StripeEvent,
  ): Promise<{ status: number } | { error: string }> {
    const rawBody = JSON.stringify(event, null, 2);
    // Signed anew at every attempt: receivers refuse an old timestamp.
    const signature = signWebhook(rawBody, secret, Math.floor(this.clock.nowMs() / 1_000));
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': signature,
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        },
        body: rawBody,
        redirect: 'manual',
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      await response.body?.cancel();
      return { status: response.status };
    } catch (error) {
      return { error: describe(error) };
    }
  }
}

/** `fetch` hides the reason ("ECONNREFUSED") in its cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
