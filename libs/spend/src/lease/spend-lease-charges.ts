import { within, type Clock } from '@orbit/kernel';
import { formatAmount, type Currency } from '@orbit/money';
import type { PricedIntent } from '../prices/priced-intents.js';
import { PUBLISHED_LATE } from '../client/charge-publishing.js';
import type { ChargeEvent, ChargeIntent, ChargePublisher, PublishOptions } from '../types.js';

/** A charge of the lease's organization and currency. */
export type LeaseChargeIntent = Omit<ChargeIntent, 'organizationId' | 'currency'> & PublishOptions;

/** One by price, of the lease's organization; the price is in the lease's currency. */
export type LeasePricedIntent = Omit<PricedIntent, 'organizationId'> & PublishOptions;

/** `unavailable`: Kafka did not say that it has the charge; repeat it with the same id. */
export type LeaseChargeResult =
  | { readonly status: 'charged' | 'unavailable'; readonly chargeId: string }
  | { readonly status: 'refused'; readonly reason: 'insufficient_lease' | 'lease_ended' };

export interface LeaseChargesOptions {
  readonly organizationId: string;
  readonly currency: Currency;
  readonly leaseId: string;
  readonly producer: ChargePublisher;
  readonly clock: Clock;
  readonly publishTimeoutMs: number;
  readonly onFault: ((error: unknown) => void) | undefined;
}

/** Publishes charges of one lease, and remembers those that Kafka has not acknowledged. */
export class LeaseCharges {
  /** By charge id: the event as it was first sent, so that a repeat is the same message. */
  private readonly unsettled = new Map<string, ChargeEvent>();
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(private readonly options: LeaseChargesOptions) {}

  /** Whether its amount has been taken from the lease by an earlier call that Kafka did not acknowledge. */
  isKnown({ chargeId }: LeaseChargeIntent): boolean {
    return this.unsettled.has(chargeId);
  }

  /** Undefined: it is not one that Kafka did not acknowledge. */
  again(chargeId: string): Promise<LeaseChargeResult> | undefined {
    const event = this.unsettled.get(chargeId);
    return event && this.sendOne(chargeId, event);
  }

  publish(intent: LeaseChargeIntent): Promise<LeaseChargeResult> {
    const { chargeId } = intent;
    const event = this.unsettled.get(chargeId) ?? this.toEvent(intent);
    this.unsettled.set(chargeId, event);
    return this.sendOne(chargeId, event);
  }

  private sendOne(chargeId: string, event: ChargeEvent): Promise<LeaseChargeResult> {
    const sending = this.send(chargeId, event).finally(() => this.underWay.delete(sending));
    this.underWay.add(sending);
    return sending;
  }

  /** Resolves when nothing is under way any more. */
  async drain(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private async send(chargeId: string, event: ChargeEvent): Promise<LeaseChargeResult> {
    const { producer, publishTimeoutMs } = this.options;
    try {
      await within(producer.publish(event), publishTimeoutMs, PUBLISHED_LATE);
      this.unsettled.delete(chargeId);
      return { status: 'charged', chargeId };
    } catch (error) {
      this.options.onFault?.(error);
      return { status: 'unavailable', chargeId };
    }
  }

  private toEvent(intent: LeaseChargeIntent): ChargeEvent {
    const { organizationId, currency, leaseId, clock } = this.options;
    const occurredAtMs = intent.occurredAtMs ?? clock.nowMs();
    return {
      key: organizationId,
      value: {
        charge_id: intent.chargeId,
        organization_id: organizationId,
        amount: formatAmount(intent.amountMicros, currency),
        currency,
        channel: intent.channel,
        quantity: intent.quantity,
        authorization_id: leaseId,
        occurred_at: new Date(occurredAtMs).toISOString(),
        metadata: intent.metadata,
      },
      id: intent.chargeId,
      timeMs: occurredAtMs,
      ...(intent.replyTo === undefined ? {} : { headers: { orbit_reply_to: intent.replyTo } }),
    };
  }
}
