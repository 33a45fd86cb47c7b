import {
  USAGE_INGEST_RPC,
  type BackfillView,
  type CustomerNamed,
  type DeprecatedKeys,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Rpc } from '../../edge/rpc/rpc-services.js';
import type { NameListener } from '../../organizations/customers/tell-names.js';
import type { DeprecatedSource } from './deprecated-keys.js';
import type { AccountTimes, UsageKeys } from './ingest-ports.js';

/** A customer is made while this is waited for, in milliseconds; what it leaves out a job does. */
const NAME_MS_MAX = 2_000;

/** What usage-metering says and hears about the way in of events. */
export class RpcUsageMetering implements UsageKeys, NameListener, AccountTimes, DeprecatedSource {
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

  async nameCustomer(told: CustomerNamed): Promise<void> {
    await this.metering.call(USAGE_INGEST_RPC.nameCustomer, told, NAME_MS_MAX);
  }

  /** Only the clock of a test account can stand; its owner is asked each time, because it may just have been moved. */
  async nowMs(account: { readonly id: string; readonly mode: 'live' | 'test' }): Promise<number> {
    if (account.mode === 'live') return this.clock.nowMs();
    const query = { account_id: account.id };
    const { now } = await this.metering.call<{ now: string }>(USAGE_INGEST_RPC.accountTime, query);
    return Date.parse(now);
  }
}
