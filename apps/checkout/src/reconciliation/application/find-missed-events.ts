import type { Clock } from '@orbit/kernel';
import type { ReplayEvents } from './replay-events.js';

/** A younger event is most likely on its way to us as a webhook. */
const SETTLE_MS = 10_000;
/** Stripe's list may show an event later than one that is younger. */
const OVERLAP_MS = 60_000;
/** How far the first look goes back: over a restart. Older ones are found by the sweep of open top-ups and the comparison of books. */
const FIRST_MS = 15 * 60_000;

/**
 * Finds what Stripe could not or did not deliver, soon: its list of events is asked for the last minute and a half per
 * look (twenty types a request), however many top-ups are open. What is known already is let alone by the inbox.
 */
export class FindMissedEvents {
  private seenUntilMs: number | null = null;

  constructor(
    private readonly replay: ReplayEvents,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const untilMs = this.clock.nowMs() - SETTLE_MS;
    const sinceMs = this.seenUntilMs === null ? untilMs - FIRST_MS : this.seenUntilMs - OVERLAP_MS;
    await this.replay.run(sinceMs, untilMs);
    // Only now: after a failure the next look reaches as far back.
    this.seenUntilMs = untilMs;
  }
}
