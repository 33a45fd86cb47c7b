import type {
  AccountTime,
  BackfillQuery,
  BackfillView,
  CustomerNamed,
  DeprecatedKeys,
  DeprecatedKeysQuery,
  KnownKeysQuery,
} from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import type { BackfillReader, CustomerNames, KeyReader } from './ports.js';

const DEPRECATED_MAX = 10_000;
/** Corrections under way at once at most: numbers are given before they commit, so the last ones are read again. */
const REREAD = 100n;

/** Questions and reports of the gateway about ingest. Errors: the database's own. */
export class AnswerGateway {
  constructor(
    private readonly keys: KeyReader,
    private readonly names: CustomerNames,
    private readonly clock: AccountClock,
    private readonly backfills: BackfillReader,
  ) {}

  known({ account_id: accountId, keys }: KnownKeysQuery): Promise<readonly string[]> {
    return this.keys.known(accountId, keys);
  }

  async deprecated(query: DeprecatedKeysQuery): Promise<DeprecatedKeys> {
    const { account_id: accountId, after } = query;
    const afterNo = BigInt(after);
    const from = afterNo > REREAD ? afterNo - REREAD : 0n;
    const found = await this.keys.deprecated(accountId, from, DEPRECATED_MAX);
    return {
      keys: found.map(({ key }) => key),
      next: (found.at(-1)?.correctionNo ?? afterNo).toString(),
      has_more: found.length === DEPRECATED_MAX,
    };
  }

  /** Null where the account has no such backfill. */
  async backfill(query: BackfillQuery): Promise<BackfillView | null> {
    const { account_id: accountId, backfill_id: id } = query;
    const found = await this.backfills.read(accountId, id);
    if (!found) return null;
    const nowMs = await this.clock.nowMs(accountId);
    return {
      customer_id: found.customerId,
      from: found.timeframeStart.toISOString(),
      to: found.timeframeEnd.toISOString(),
      is_open: found.status === 'pending' && found.closeTime.getTime() > nowMs,
    };
  }

  async time(accountId: string): Promise<AccountTime> {
    return { now: new Date(await this.clock.nowMs(accountId)).toISOString() };
  }

  async name(named: CustomerNamed): Promise<{ readonly events: number }> {
    const { account_id: accountId, external_customer_id: externalCustomerId } = named;
    const name = { accountId, externalCustomerId };
    if (!named.is_free) return { events: await this.names.name(name, named.customer_id) };
    await this.names.free(name, named.customer_id);
    return { events: 0 };
  }
}
