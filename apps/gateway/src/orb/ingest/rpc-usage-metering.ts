import {
  OrbitError,
  USAGE_INGEST_RPC,
  type BackfillView,
  type CustomerNamed,
  type DeprecatedKeys,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Rpc } from '../../edge/rpc/rpc-services.js';
import type { NameListener } from '../../organizations/customers/send-names.js';
import type { DeprecatedSource } from './deprecated-keys.js';
import type { AccountTimes, UsageKeys } from './ingest-ports.js';

/** A customer is made while this is waited for, in milliseconds; what it leaves out a job does. */
const NAME_MS_MAX = 2_000;

/** Time on its way: a clock so near to real time is real time. */
const REAL_MS = 5_000;
const ACCOUNTS_MAX = 10_000;

const isUnavailable = (error: unknown): boolean =>
  error instanceof OrbitError && (error.code === 'unavailable' || error.code === 'timeout');

/** Calls usage-metering for the intake of events. */
export class RpcUsageMetering implements UsageKeys, NameListener, AccountTimes, DeprecatedSource {
  /** Where the clock of a test account stood when it was asked for last; null: it followed real time. */
  private readonly lastTimes = new Map<string, { readonly stoodAtMs: number | null }>();

  constructor(
    private readonly metering: Rpc,
    private readonly clock: Clock,
  ) {}

  known(accountId: string, keys: readonly string[]): Promise<readonly string[]> {
    return this.metering.call(USAGE_INGEST_RPC.knownKeys, { account_id: accountId, keys });
  }

  deprecated(accountId: string, after: string): Promise<DeprecatedKeys> {
    return this.metering.call(USAGE_INGEST_RPC.deprecatedKeys, { account_id: accountId, after });
  }

  backfill(accountId: string, id: string): Promise<BackfillView | null> {
    const query = { account_id: accountId, backfill_id: id };
    return this.metering.call(USAGE_INGEST_RPC.backfill, query);
  }

  async nameCustomer(named: CustomerNamed): Promise<void> {
    await this.metering.call(USAGE_INGEST_RPC.nameCustomer, named, NAME_MS_MAX);
  }

  /**
   * Only the clock of a test account can stand; its owner is asked each time, because it may just have been moved.
   * While it does not answer, what it said last counts: events are taken though nobody counts them yet.
   */
  async nowMs(account: { readonly id: string; readonly mode: 'live' | 'test' }): Promise<number> {
    if (account.mode === 'live') return this.clock.nowMs();
    const { id } = account;
    try {
      const query = { account_id: id };
      const said = await this.metering.call<{ now: string }>(USAGE_INGEST_RPC.accountTime, query);
      const nowMs = Date.parse(said.now);
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
