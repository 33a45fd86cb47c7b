import { OrbitError, type LedgerHealth, type RecheckedWallets } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { LedgerProofs } from '../explain/explain-ports.js';

/** Anybody may ask, so the ledger is asked at most this often, in milliseconds. */
const FRESH_MS = 1_000;

/** Whether the books hold, and an operator's way out of a freeze. */
export class CheckLedger {
  private known: { readonly atMs: number; readonly answer: Promise<LedgerHealth> } | null = null;

  constructor(
    private readonly proofs: LedgerProofs,
    private readonly clock: Clock,
  ) {}

  /** Errors: unavailable, timeout. */
  health(): Promise<LedgerHealth> {
    const nowMs = this.clock.nowMs();
    if (this.known && nowMs - this.known.atMs < FRESH_MS) return this.known.answer;
    const known = { atMs: nowMs, answer: this.proofs.health() };
    this.known = known;
    // A failure is told to those who wait for it and asked again by the next one.
    known.answer.catch(() => {
      if (this.known === known) this.known = null;
    });
    return known.answer;
  }

  /** What is wrong with the ledger, in sentences for anybody. Errors: unavailable, timeout. */
  async warnings(): Promise<readonly string[]> {
    const { reasons } = await this.health();
    return reasons.map((why) => `ledger: ${why}`);
  }

  /** Errors: not_found, unsupported_currency, unavailable. */
  async recheck(
    organizationId: string,
    clear: boolean,
    currency?: string,
  ): Promise<RecheckedWallets> {
    const wallet = currency === undefined ? {} : { currency };
    const found = await this.proofs.recheck({ organization_id: organizationId, clear, ...wallet });
    if (found) return found;
    throw new OrbitError('not_found', 'There is no such wallet.');
  }
}
