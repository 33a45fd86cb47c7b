import {
  OrbitError,
  type BackfillQuery,
  type BackfillView,
  type CustomerNamed,
  type DeprecatedKeys,
  type DeprecatedKeysQuery,
  type KnownKeysQuery,
} from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import type { BackfillReader, CustomerNames, KeyReader } from './ports.js';

const KEYS_MAX = 500;
const DEPRECATED_MAX = 10_000;
/** Corrections under way at once at most: numbers are given before they commit, so the last ones are read again. */
const REREAD = 100n;

/** Questions and reports of the gateway about ingest. Errors: invalid_field; the database's own. */
export class AnswerGateway {
  constructor(
    private readonly keys: KeyReader,
    private readonly names: CustomerNames,
    private readonly clock: AccountClock,
    private readonly backfills: BackfillReader,
  ) {}

  known(query: KnownKeysQuery): Promise<readonly string[]> {
    const { account_id: accountId, keys } = query;
    const isList = Array.isArray(keys) && keys.every((key) => typeof key === 'string');
    if (typeof accountId !== 'string' || !isList || keys.length > KEYS_MAX) {
      throw new OrbitError('invalid_field', `account_id and at most ${KEYS_MAX} keys`);
    }
    return this.keys.known(accountId, keys);
  }

  async deprecated(query: DeprecatedKeysQuery): Promise<DeprecatedKeys> {
    const { account_id: accountId, after } = query;
    if (typeof accountId !== 'string' || !/^\d{1,18}$/.test(after)) {
      throw new OrbitError('invalid_field', 'account_id and after');
    }
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
    if (typeof accountId !== 'string' || typeof id !== 'string') {
      throw new OrbitError('invalid_field', 'account_id and backfill_id');
    }
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

  async time(query: { readonly account_id: string }): Promise<{ readonly now: string }> {
    if (typeof query.account_id !== 'string') throw new OrbitError('invalid_field', 'account_id');
    return { now: new Date(await this.clock.nowMs(query.account_id)).toISOString() };
  }

  async name(named: CustomerNamed): Promise<{ readonly events: number }> {
    const { account_id: accountId, external_customer_id: externalCustomerId } = named;
    const texts = [accountId, externalCustomerId, named.customer_id];
    if (!texts.every((text) => typeof text === 'string' && text !== '')) {
      throw new OrbitError('invalid_field', 'account_id, external_customer_id and customer_id');
    }
    const name = { accountId, externalCustomerId };
    if (!named.is_free) return { events: await this.names.name(name, named.customer_id) };
    await this.names.free(name, named.customer_id);
    return { events: 0 };
  }
}
