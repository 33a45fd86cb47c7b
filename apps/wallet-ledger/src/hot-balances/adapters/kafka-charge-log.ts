import type { TopicProgress } from '@orbit/messaging';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChargeLog, ChargeLogEnds } from '../../books/application/shared-ports.js';

const POLL_MS = 40;

/** Asks the brokers for the ends of `charge.requested` and for what the ledger's group has committed. */
export class KafkaChargeLog implements ChargeLog {
  constructor(private readonly progress: TopicProgress) {}

  readEnds(): Promise<ChargeLogEnds> {
    return this.progress.readEnds();
  }

  isHandled(ends: ChargeLogEnds): Promise<boolean> {
    return this.progress.isHandled(ends);
  }

  async waitUntilHandled(ends: ChargeLogEnds, timeoutMs: number): Promise<boolean> {
    const tries = Math.max(1, Math.ceil(timeoutMs / POLL_MS));
    for (let left = tries; left > 0; left--) {
      if (await this.progress.isHandled(ends)) return true;
      await sleep(POLL_MS);
    }
    return false;
  }
}
