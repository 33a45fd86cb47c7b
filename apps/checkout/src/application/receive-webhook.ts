import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { PaymentSnapshot } from '../domain/decide-topup.js';
import { readEvent, type EventSubject } from '../domain/stripe-event.js';
import type { TopUp } from '../domain/topup.js';
import {
  ProviderFailure,
  type Log,
  type PaymentProvider,
  type SignatureCheck,
  type StoredEvent,
  type TopUpStore,
  type WebhookInbox,
} from './ports.js';
import type { SettleTopUp } from './settle-topup.js';

/** Stripe's events are a few kilobytes; a larger body is not one. */
export const WEBHOOK_BYTES_MAX = 262_144;
const SIGNATURE_LENGTH_MAX = 4_096;

/**
 * Takes a signed event: verified over its raw bytes, kept once by its id, then applied. When it cannot
 * be applied now (Stripe's API or Postgres away) the sender is told, and the sweeper tries again too.
 */
export class ReceiveWebhook {
  constructor(
    private readonly signatures: SignatureCheck,
    private readonly inbox: WebhookInbox,
    private readonly topups: TopUpStore,
    private readonly provider: PaymentProvider,
    private readonly settle: SettleTopUp,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async run(body: Buffer, signature: string): Promise<{ received: true }> {
    const event = this.verified(body, signature);
    const { processed } = await this.inbox.receive(event, this.clock.nowMs());
    if (!processed) await this.process(event);
    return { received: true };
  }

  /** Applies a stored event; safe to repeat. */
  async process(event: StoredEvent): Promise<void> {
    const content = readEvent(JSON.parse(event.payload));
    if (content === null || content.subject === null) {
      await this.settle.run(event.id, null, null, 'ignored');
      return;
    }
    const topup = await this.topupOf(content.subject);
    if (topup === null) {
      const isOurs = content.subject.topupId !== undefined;
      if (isOurs) this.log.error({ event_id: event.id }, 'an event names a top-up that is unknown');
      await this.settle.run(event.id, null, null, isOurs ? 'unknown_topup' : 'not_ours');
      return;
    }
    const seen = await this.readPayment(content.subject, topup);
    const outcome = await this.settle.run(event.id, topup.id, seen, 'no_session');
    this.log.info(
      { event_id: event.id, type: event.type, topup_id: topup.id, outcome },
      'webhook processed',
    );
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

  private async topupOf(subject: EventSubject): Promise<TopUp | null> {
    if (subject.topupId !== undefined) return this.topups.read(subject.topupId);
    return this.topups.readByPayment(subject);
  }

  private async readPayment(subject: EventSubject, topup: TopUp): Promise<PaymentSnapshot | null> {
    const sessionId = subject.sessionId ?? topup.sessionId;
    try {
      if (sessionId !== null) return await this.provider.readSession(sessionId);
      if (subject.paymentIntentId === undefined) return null;
      return await this.provider.readSessionOfPayment(subject.paymentIntentId);
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      throw new OrbitError('unavailable', 'The payment provider cannot be asked now. Send again.', {
        cause: error,
      });
    }
  }
}
