import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { readEvent, type StripeEvent } from '../../topups/domain/stripe-event.js';
import type {
  Log,
  SignatureCheck,
  StoredEvent,
  WebhookInbox,
} from '../../topups/application/ports.js';
import type { EventIntake, WebhookHandler } from '../../topups/application/webhook-ports.js';
import type { ApplyOutcome, ApplyPayment } from '../../topups/application/apply-payment.js';

/** Stripe's events are a few kilobytes; a larger body is not one. */
export const WEBHOOK_BYTES_MAX = 262_144;
const SIGNATURE_LENGTH_MAX = 4_096;

/**
 * Takes a signed event: verified over its raw bytes, kept once by its id, then applied. When it cannot be applied now
 * (Stripe's API or Postgres is unavailable) the sender gets an error and repeats, and the sweeper tries again too.
 */
export class ReceiveWebhook implements EventIntake {
  constructor(
    private readonly signatures: SignatureCheck,
    private readonly inbox: WebhookInbox,
    private readonly handlers: readonly WebhookHandler[],
    private readonly applyPayment: ApplyPayment,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async run(body: Buffer, signature: string): Promise<{ received: true }> {
    const event = this.verified(body, signature);
    const { processed } = await this.inbox.receive(event, this.clock.nowMs());
    if (!processed) await this.process(event);
    return { received: true };
  }

  /** Takes an event that Stripe's own API has answered with; false when its effects were done already. */
  async admit(event: StoredEvent): Promise<boolean> {
    const { processed } = await this.inbox.receive(event, this.clock.nowMs());
    if (!processed) await this.process(event);
    return !processed;
  }

  /** Applies a stored event; safe to repeat. */
  async process(event: StoredEvent): Promise<void> {
    const content = readEvent(JSON.parse(event.payload));
    const outcome = content === null ? null : await this.dispatch(content);
    if (outcome !== null) {
      this.log.info({ event_id: event.id, type: event.type, outcome }, 'webhook processed');
      return;
    }
    // Kept, and otherwise ignored: of a type, or about a payment, that is not ours.
    const why = content?.subject === null ? 'ignored' : 'not_ours';
    await this.applyPayment.run(event.id, null, null, why);
  }

  private async dispatch(content: StripeEvent): Promise<ApplyOutcome | null> {
    if (content.account !== null) {
      await this.applyPayment.run(content.id, null, null, 'other_account');
      return 'other_account';
    }
    for (const handler of this.handlers) {
      const outcome = await handler.handle(content);
      if (outcome !== null) return outcome;
    }
    return null;
  }

  private verified(body: Buffer, signature: string): StoredEvent {
    const isBounded =
      body.length > 0 &&
      body.length <= WEBHOOK_BYTES_MAX &&
      typeof signature === 'string' &&
      signature.length <= SIGNATURE_LENGTH_MAX;
    const parsed = isBounded ? this.signatures.verify(body, signature, this.clock.nowMs()) : null;
    const content = readEvent(parsed);
    if (content === null) {
      throw new OrbitError(
        'invalid_signature',
        'The signature does not fit the body, or is too old.',
      );
    }
    return { id: content.id, type: content.type, payload: body.toString('utf8') };
  }
}
