import type { UsageIngested } from '@orbit/events';
import type { AccountClock, Clock } from '@orbit/kernel';
import type { AcceptedEvent } from '../../events/domain/usage-event.js';
import { decodeUsage } from '../domain/decode-usage.js';
import type { BackfillEvents } from './ports.js';
import type { StoreEvents } from './store-events.js';

/** A message that can never be stored; `at` is its place in the batch. */
export interface RefusedMessage {
  readonly at: number;
  readonly reason: string;
  readonly detail: string;
}

/** Stores what messages bring; those that mean nothing are named, and the others stored. */
export class StoreMessages {
  constructor(
    private readonly events: StoreEvents,
    private readonly backfills: BackfillEvents,
    private readonly clock: AccountClock,
    private readonly time: Clock,
  ) {}

  /** May be repeated. Errors: the database's own. */
  async run(messages: readonly UsageIngested[]): Promise<readonly RefusedMessage[]> {
    const refused: RefusedMessage[] = [];
    const sets: (readonly AcceptedEvent[])[] = [];
    const times = new Map<string, number>();
    for (const [at, message] of messages.entries()) {
      const nowMs = await this.timeOf(message, times);
      const decoded = decodeUsage(message, nowMs);
      if (!decoded.ok) refused.push({ at, reason: decoded.reason, detail: decoded.detail });
      else if (typeof message.backfill_id === 'string') {
        const { account_id: accountId, backfill_id: id } = message;
        const isKnown = await this.backfills.store(
          accountId,
          id,
          decoded.events,
          this.time.nowMs(),
        );
        if (!isKnown) refused.push({ at, reason: 'unknown_backfill', detail: `no backfill ${id}` });
      } else sets.push(decoded.events);
    }
    await this.events.run(sets);
    return refused;
  }

  /** Asked once a batch and account, and only for messages that do not say when they were accepted. */
  private async timeOf(message: UsageIngested, times: Map<string, number>): Promise<number> {
    if (message.accepted_at !== undefined) return 0;
    const known = times.get(message.account_id);
    if (known !== undefined) return known;
    const nowMs = await this.clock.nowMs(message.account_id);
    times.set(message.account_id, nowMs);
    return nowMs;
  }
}
