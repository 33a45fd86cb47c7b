import { toChargeEvent, type ChargeName } from './charge-record.js';
import type { ChargePublisher, PublishOptions } from './types.js';

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
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new Error('charge.requested was not acknowledged in time'));
      timer = setTimeout(fail, this.timeoutMs);
    });
    try {
      const event = toChargeEvent(charge, amountMicros, occurredAtMs, details, options);
      await Promise.race([this.producer.publish(event), late]);
      return true;
    } catch (error) {
      this.onFailure(error);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
