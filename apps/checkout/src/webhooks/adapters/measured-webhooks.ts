import { counter, histogram } from '@orbit/metrics';
import type { SignatureCheck } from '../../topups/application/ports.js';
import type { WebhookHandler } from '../../topups/application/webhook-ports.js';

/** Types that none of our handlers wants are Stripe's to name, and there are hundreds. */
const OTHER = 'other';

const outcomes = counter('orbit_webhooks_total');
const seconds = histogram('orbit_webhook_seconds');

/** The same handlers, counted and timed, and after them one that counts what none of them wanted. */
export function measuredHandlers(handlers: readonly WebhookHandler[]): readonly WebhookHandler[] {
  return [...handlers.map(measured), IGNORED];
}

/** The same check; what does not fit its signature is counted. */
export function measuredSignatures(inner: SignatureCheck): SignatureCheck {
  return {
    verify(body, signature, nowMs) {
      const event = inner.verify(body, signature, nowMs);
      if (event === null) outcomes.inc({ type: OTHER, outcome: 'invalid_signature' });
      return event;
    },
  };
}

const IGNORED: WebhookHandler = {
  handle() {
    outcomes.inc({ type: OTHER, outcome: 'ignored' });
    return Promise.resolve(null);
  },
};

function measured(inner: WebhookHandler): WebhookHandler {
  return {
    async handle(event) {
      const { type } = event;
      const startedMs = performance.now();
      try {
        const outcome = await inner.handle(event);
        if (outcome === null) return null;
        outcomes.inc({ type, outcome });
        seconds.observe({ type }, (performance.now() - startedMs) / 1_000);
        return outcome;
      } catch (error) {
        outcomes.inc({ type, outcome: 'failed' });
        throw error;
      }
    },
  };
}
