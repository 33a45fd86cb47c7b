import type { Clock } from '@orbit/kernel';
import { nextCheckAtMs, type PaymentSnapshot } from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';
import type { ChargeSavedMethod } from './charge-saved.js';
import type { Log, PaymentProvider, TopUpStore, WebhookInbox } from './ports.js';
import type { EventIntake } from './webhook-ports.js';
import type { ApplyPayment } from './apply-payment.js';

/** How many top-ups, and how many events, one sweep takes. */
const BATCH_SIZE = 50;
/** A top-up that a crashed sweeper has taken comes up again after this long. */
const RETRY_MS = 120_000;
/** An event younger than this is most likely being processed by the request that brought it. */
const EVENT_AGE_MS = 30_000;
/** How long the owner of a payment method has to authenticate a payment. */
const OWNER_WAIT_MS = 24 * 3_600_000;

/**
 * Ends what no webhook has ended: asks Stripe about open top-ups whose check is due, and applies kept
 * events whose effects are still missing. It credits by the same proof as a webhook.
 */
export class SweepTopUps {
  constructor(
    private readonly topups: TopUpStore,
    private readonly inbox: WebhookInbox,
    private readonly provider: PaymentProvider,
    private readonly saved: ChargeSavedMethod,
    private readonly applyPayment: ApplyPayment,
    private readonly webhook: EventIntake,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** One sweep; several instances may sweep at once. */
  async run(): Promise<void> {
    const nowMs = this.clock.nowMs();
    for (const event of await this.inbox.readUnprocessed(nowMs - EVENT_AGE_MS, BATCH_SIZE)) {
      await this.guarded({ event_id: event.id }, () => this.webhook.process(event));
    }
    for (const topup of await this.topups.takeDue(nowMs, nowMs + RETRY_MS, BATCH_SIZE)) {
      await this.guarded({ topup_id: topup.id }, () => this.check(topup, nowMs));
    }
  }

  private async check(topup: TopUp, nowMs: number): Promise<void> {
    if (topup.kind === 'hosted') await this.checkPage(topup, nowMs);
    else if (isForgotten(topup, nowMs)) await this.saved.giveUp(topup);
    else await this.saved.recover(topup);
    await this.topups.scheduleCheck(topup.id, nextCheckAtMs(topup, nowMs));
  }

  private async checkPage(topup: TopUp, nowMs: number): Promise<void> {
    if (topup.sessionId === null) return;
    const seen = await this.provider.readSession(topup.sessionId);
    const isOver = topup.sessionExpiresAtMs !== null && topup.sessionExpiresAtMs <= nowMs;
    const shown = seen ?? (isOver ? vanished(topup, topup.sessionId) : null);
    if (seen === null) this.log.warn({ topup_id: topup.id }, 'stripe does not know the session');
    await this.applyPayment.run(null, topup.id, shown, 'no_session');
  }

  /** One failing top-up does not keep the others from their turn. */
  private async guarded(fields: Record<string, unknown>, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      this.log.warn({ ...fields, err }, 'sweep: left for the next time');
    }
  }
}

/** The owner was asked to authenticate and did not come for a day. */
const isForgotten = (topup: TopUp, nowMs: number): boolean =>
  topup.state === 'requires_action' && nowMs - topup.createdAtMs >= OWNER_WAIT_MS;

/** A session that is past its end and that Stripe does not know (another account): it has expired. */
function vanished(topup: TopUp, sessionId: string): PaymentSnapshot {
  return {
    sessionId,
    sessionStatus: 'expired',
    paymentStatus: 'unpaid',
    amountTotalMinor: null,
    currency: null,
    topupId: topup.id,
    organizationId: topup.organizationId,
    expiresAtMs: topup.sessionExpiresAtMs,
    paymentIntent: null,
    card: null,
    receiptEmail: null,
  };
}
