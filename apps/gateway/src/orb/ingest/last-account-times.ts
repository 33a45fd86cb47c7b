import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Clients } from '../../edge/rpc/clients.js';
import type { AccountTimes } from './ingest-ports.js';

/** Time on its way: a clock so near to real time is real time. */
const REAL_MS = 5_000;
const ACCOUNTS_MAX = 10_000;

const isUnavailable = (error: unknown): boolean =>
  error instanceof OrbitError && (error.code === 'unavailable' || error.code === 'timeout');

/** Time of accounts, as usage-metering said it last. */
export class LastAccountTimes implements AccountTimes {
  /** Where the clock of a test account stood when it was asked for last; null: it followed real time. */
  private readonly lastTimes = new Map<string, { readonly stoodAtMs: number | null }>();

  constructor(
    private readonly metering: Pick<Clients['usageIngest'], 'accountTime'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Only the clock of a test account can stand; its owner is asked each time, because it may just have been moved.
   * While it does not answer, what it said last counts: events are taken though nobody counts them yet.
   */
  async nowMs(account: { readonly id: string; readonly mode: 'live' | 'test' }): Promise<number> {
    if (account.mode === 'live') return this.clock.nowMs();
    const { id } = account;
    try {
      const { now } = await this.metering.accountTime({ account_id: id });
      const nowMs = Date.parse(now);
      this.remember(id, nowMs - this.clock.nowMs());
      return nowMs;
    } catch (error) {
      const last = this.lastTimes.get(id);
      if (last === undefined || !isUnavailable(error)) throw error;
      return last.stoodAtMs ?? this.clock.nowMs();
    }
  }

  private remember(accountId: string, aheadMs: number): void {
    if (this.lastTimes.size >= ACCOUNTS_MAX) this.lastTimes.clear();
    const stoodAtMs = Math.abs(aheadMs) <= REAL_MS ? null : this.clock.nowMs() + aheadMs;
    this.lastTimes.set(accountId, { stoodAtMs });
  }
}
