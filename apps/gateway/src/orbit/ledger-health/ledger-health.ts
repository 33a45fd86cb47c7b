import type { LedgerHealth } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Clients } from '../../edge/rpc/clients.js';

/** Anybody may ask, so the ledger is asked at most this often, in milliseconds. */
const FRESH_MS = 1_000;

/** Whether the books hold. */
export class CheckLedger {
  private known: { readonly atMs: number; readonly answer: Promise<LedgerHealth> } | null = null;

  constructor(
    private readonly ledger: Pick<Clients['ledgerHealth'], 'read'>,
    private readonly clock: Clock,
  ) {}

  /** Errors: unavailable, timeout. */
  health(): Promise<LedgerHealth> {
    const nowMs = this.clock.nowMs();
    if (this.known && nowMs - this.known.atMs < FRESH_MS) return this.known.answer;
    const known = { atMs: nowMs, answer: this.ledger.read({}) };
    this.known = known;
    // A failure goes to those who wait for it, and the next one asks again.
    known.answer.catch(() => {
      if (this.known === known) this.known = null;
    });
    return known.answer;
  }

  /** Faults of the ledger, in sentences for anybody. Errors: unavailable, timeout. */
  async warnings(): Promise<readonly string[]> {
    const { reasons } = await this.health();
    return reasons.map((why) => `ledger: ${why}`);
  }
}
