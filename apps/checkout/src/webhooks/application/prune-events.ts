import type { Clock } from '@orbit/kernel';
import type { Outbox, WebhookInbox } from '../../topups/application/ports.js';

const DAY_MS = 86_400_000;
/** Longer than Stripe keeps events to be replayed (30 days), so that a replayed one is known. */
const INBOX_KEPT_MS = 90 * DAY_MS;
const OUTBOX_KEPT_MS = 30 * DAY_MS;
const BATCH_SIZE = 1_000;

/** Deletes events that are done and old. Top-ups stay for ever, so nothing that is replayed later counts twice. */
export class PruneEvents {
  constructor(
    private readonly inbox: WebhookInbox,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<number> {
    const nowMs = this.clock.nowMs();
    const inbox = await untilEmpty((limit) => this.inbox.prune(nowMs - INBOX_KEPT_MS, limit));
    const outbox = await untilEmpty((limit) => this.outbox.prune(nowMs - OUTBOX_KEPT_MS, limit));
    return inbox + outbox;
  }
}

/** In small transactions, so that nobody waits for a long one. */
async function untilEmpty(prune: (limit: number) => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await prune(BATCH_SIZE);
    total += count;
    if (count < BATCH_SIZE) return total;
  }
}
