import type { StripeEvent } from '../domain/stripe-event.js';
import type { StoredEvent } from './ports.js';
import type { ApplyOutcome } from './apply-payment.js';

/** One subject that events may concern: top-ups, refunds, subscriptions, … */
export interface WebhookHandler {
  /**
   * Applies an event and marks it in the inbox, in one transaction; safe to repeat and free of order. Null when the
   * event does not concern it: then the next handler is asked, and nothing may have been written.
   * Errors: `unavailable` when it cannot be applied now; it comes again.
   */
  handle(event: StripeEvent): Promise<ApplyOutcome | null>;
}

/** The entrance for Stripe's events, for callers that find one that was not applied. */
export interface EventIntake {
  /** Takes an event that Stripe's own API has answered with; false when its effects were done already. */
  admit(event: StoredEvent): Promise<boolean>;
  /** Applies a stored event; safe to repeat. */
  process(event: StoredEvent): Promise<void>;
}
