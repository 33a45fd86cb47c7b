import type { AccountClock, Clock } from '@orbit/kernel';

/** Runs one statement: `pool.query(text, values).then(({ rows }) => rows)` of pg, `$queryRawUnsafe` of Prisma. */
export type ClockQuery = (text: string, values: readonly unknown[]) => Promise<unknown>;

/** Schemas with a table `account_clock`, which holds a row for each account whose clock stands. */
export type ClockSchema = 'invoicing' | 'usage_metering' | 'wallet_ledger' | 'checkout';

/** There from the beginning, and live for ever: never looked up. */
const LIVE_ACCOUNT_ID = 'acct_live';

/** Accounts' time as a service's own schema knows it. Errors: the database's own. */
export class StoredAccountClock implements AccountClock {
  constructor(
    private readonly query: ClockQuery,
    private readonly schema: ClockSchema,
    private readonly clock: Clock,
  ) {}

  async nowMs(accountId: string): Promise<number> {
    if (accountId === LIVE_ACCOUNT_ID) return this.clock.nowMs();
    return (await this.standsAtMs(accountId)) ?? this.clock.nowMs();
  }

  /** Null: the account follows real time. */
  async standsAtMs(accountId: string): Promise<number | null> {
    const text = `SELECT now_at FROM ${this.schema}.account_clock WHERE account_id = $1`;
    const [row] = (await this.query(text, [accountId])) as readonly { readonly now_at: Date }[];
    return row?.now_at.getTime() ?? null;
  }

  /**
   * Moves the clock to an instant, never backwards; a repeat changes nothing. From the first call on it stands.
   * `targetMs`: where it is being moved to, null when it has arrived.
   */
  async moveTo(accountId: string, nowMs: number, targetMs: number | null): Promise<void> {
    await this.query(
      `INSERT INTO ${this.schema}.account_clock AS c (account_id, now_at, moving_to) VALUES ($1, $2, $3)
       ON CONFLICT (account_id) DO UPDATE SET now_at = greatest(c.now_at, excluded.now_at),
         moving_to = excluded.moving_to, version = c.version + 1`,
      [accountId, new Date(nowMs), targetMs === null ? null : new Date(targetMs)],
    );
  }
}
