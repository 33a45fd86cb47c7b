import type { Currency } from '@orbit/money';
import type { Pool } from 'pg';
import type { AccountTimes } from '../application/shared-ports.js';
import type { WalletKey } from '../application/ports.js';

/** Only these are asked about: the live account's clock never stands. */
const OF_ACCOUNT = `w.account_id = $1 AND w.account_id <> 'acct_live'`;
/** The part of a block that escrows keep does not expire. */
const FREE = `b.remaining_micros > (
  SELECT coalesce(sum((slice ->> 'amount')::bigint), 0) FROM wallet_ledger.escrow e, jsonb_array_elements(e.slices) slice
  WHERE e.wallet_no = b.wallet_no AND e.state <> 'closed' AND slice ->> 'block' = b.sequence::text)`;

/** Wallets of one account, and what happens to them at instants of its time. */
export class PostgresAccountWallets implements AccountTimes {
  constructor(
    private readonly pool: Pool,
    private readonly realMs: () => number,
  ) {}

  async nowMsOf(organizationId: string): Promise<number> {
    const { rows } = await this.pool.query<{ now_at: Date }>(
      `SELECT c.now_at FROM wallet_ledger.wallet w JOIN wallet_ledger.account_clock c USING (account_id)
       WHERE w.organization_id = $1 LIMIT 1`,
      [organizationId],
    );
    return rows[0]?.now_at.getTime() ?? this.realMs();
  }

  /** When credit expires next that is not booked yet; null: none does by then. */
  nextExpiry(accountId: string, untilMs: number): Promise<number | null> {
    return this.first(
      `SELECT min(b.expires_at) AS at FROM wallet_ledger.wallet w JOIN wallet_ledger.credit_block b USING (wallet_no)
       WHERE ${OF_ACCOUNT} AND NOT b.is_empty AND b.expires_at <= $2 AND ${FREE}`,
      accountId,
      untilMs,
    );
  }

  /** When a schedule grants next; null: none does by then. */
  nextPeriod(accountId: string, untilMs: number): Promise<number | null> {
    return this.first(
      `SELECT min(s.next_at) AS at FROM wallet_ledger.wallet w JOIN wallet_ledger.grant_schedule s USING (wallet_no)
       WHERE ${OF_ACCOUNT} AND s.next_at <= $2`,
      accountId,
      untilMs,
    );
  }

  /** Wallets with a block that begins or ends in between, the bounds included. `fromMs` null: all of them. */
  async listChanging(accountId: string, fromMs: number | null, toMs: number): Promise<WalletKey[]> {
    const { rows } = await this.pool.query<{ organization_id: string; currency: string }>(
      `SELECT w.organization_id, w.currency FROM wallet_ledger.wallet w
       WHERE ${OF_ACCOUNT} AND ($2::timestamptz IS NULL OR EXISTS (
         SELECT FROM wallet_ledger.credit_block b WHERE b.wallet_no = w.wallet_no AND NOT b.is_empty
           AND (b.effective_at BETWEEN $2 AND $3 OR b.expires_at BETWEEN $2 AND $3)))
       ORDER BY w.wallet_no`,
      [accountId, fromMs === null ? null : new Date(fromMs), new Date(toMs)],
    );
    return rows.map((row) => ({
      organizationId: row.organization_id,
      currency: row.currency as Currency,
    }));
  }

  /** From now on their clock stands: whoever has one in memory reads it again before it writes. */
  async moveVersions(accountId: string): Promise<void> {
    await this.pool.query(
      `UPDATE wallet_ledger.wallet w SET version = version + 1 WHERE ${OF_ACCOUNT}`,
      [accountId],
    );
  }

  private async first(text: string, accountId: string, untilMs: number): Promise<number | null> {
    const { rows } = await this.pool.query<{ at: Date | null }>(text, [
      accountId,
      new Date(untilMs),
    ]);
    return rows[0]?.at?.getTime() ?? null;
  }
}
