import { within } from '@orbit/kernel';
import type { AuthorizationIds } from './authorization-ids.js';
import { toChargeEvent, type CapturedCharge } from './charge-record.js';
import type { ChargePublisher, PublishOptions } from '../types.js';

export const PUBLISHED_LATE = 'charge.requested was not acknowledged in time';

/** Publishes `charge.requested`, but waits no longer than a caller does. */
export class ChargePublishing {
  constructor(
    private readonly producer: ChargePublisher,
    private readonly ids: AuthorizationIds,
    private readonly timeoutMs: number,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** False when it is not known to be durable; a repeat is safe. */
  async publish(charge: CapturedCharge, options: PublishOptions): Promise<boolean> {
    try {
      const event = toChargeEvent(charge, this.ids, options);
      await within(this.producer.publish(event), this.timeoutMs, PUBLISHED_LATE);
      return true;
    } catch (error) {
      this.onFailure(error);
      return false;
    }
  }
}
