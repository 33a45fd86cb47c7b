import type { StripeBooks } from './reconcile-ports.js';
import type { Log } from '../../topups/application/ports.js';
import type { EventIntake } from '../../topups/application/webhook-ports.js';

/** Brings events that never reached us, from Stripe's own list, through the same inbox as webhooks. */
export class ReplayEvents {
  constructor(
    private readonly stripe: StripeBooks,
    private readonly webhooks: EventIntake,
    private readonly types: readonly string[],
    private readonly publish: () => Promise<unknown>,
    private readonly log: Log,
  ) {}

  /** Returns how many had an effect to make up for: not known before, or known and not applied. */
  async run(sinceMs: number, untilMs?: number): Promise<number> {
    let count = 0;
    for (const event of await this.stripe.events(sinceMs, this.types, untilMs)) {
      const fields = { event_id: event.id, type: event.type };
      try {
        if (!(await this.webhooks.admit(event))) continue;
        count += 1;
        this.log.warn(fields, 'replayed an event that was missed');
      } catch (err) {
        // It is in the inbox now; the sweeper applies it.
        this.log.warn({ ...fields, err }, 'a replayed event cannot be applied yet');
      }
    }
    await this.publish();
    return count;
  }
}
