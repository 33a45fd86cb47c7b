import { within } from '@orbit/kernel';
import { toChargeEvent, type ChargeName } from './charge-record.js';
import type { ChargePublisher, PublishOptions } from './types.js';

export const PUBLISHED_LATE = 'charge.requested was not acknowledged in time';

/** A charge that is going to the ledger. */
export interface CapturedCharge extends ChargeName {
  readonly amountMicros: bigint;
  readonly occurredAtMs: number;
  readonly details: string;
}

/** Publishes `charge.requested`, but waits no longer than a caller does. */
export class ChargePublishing {
  constructor(
    private readonly producer: ChargePublisher,
    private readonly timeoutMs: number,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** False when it is not known to be durable; a repeat is safe. */
  async publish(charge: CapturedCharge, options: PublishOptions): Promise<boolean> {
    const { amountMicros, occurredAtMs, details } = charge;
    try {
      const event = toChargeEvent(charge, amountMicros, occurredAtMs, details, options);
      await within(this.producer.publish(event), this.timeoutMs, PUBLISHED_LATE);
      return true;
    } catch (error) {
      this.onFailure(error);
      return false;
    }
  }
}
