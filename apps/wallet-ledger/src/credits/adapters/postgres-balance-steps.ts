import type { Micros } from '@orbit/money';
import type { Pool } from 'pg';
import { ENTRY_TYPES } from '../../books/domain/wallet.js';
import type { WalletKey } from '../../books/application/ports.js';
import type { BalanceStep, BalanceSteps } from '../application/read-balance-steps.js';

interface Row {
  readonly no: number;
  readonly sequence: string;
  readonly balance_after_micros: string;
  readonly booked_at: Date;
  readonly is_spending: boolean;
}

/** One statement for any number of wallets. */
export class PostgresBalanceSteps implements BalanceSteps {
  constructor(private readonly pool: Pool) {}

  async after(
    wallets: readonly (WalletKey & { readonly afterSequence: bigint })[],
    limit: number,
  ): Promise<readonly (readonly BalanceStep[])[]> {
    const { rows } = await this.pool.query<Row>(
      `SELECT q.no::integer, e.sequence, e.balance_after_micros, e.booked_at, e.is_spending
       FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS q (organization_id, currency, after, no)
       JOIN wallet_ledger.wallet w ON w.organization_id = q.organization_id AND w.currency = q.currency
         AND w.sequence > q.after
       CROSS JOIN LATERAL (
         SELECT sequence, balance_after_micros, booked_at, type = ${ENTRY_TYPES.spend} AS is_spending
         FROM wallet_ledger.entry
         WHERE wallet_no = w.wallet_no AND sequence > q.after ORDER BY sequence LIMIT $4
       ) e
       ORDER BY q.no, e.sequence`,
      [
        wallets.map(({ organizationId }) => organizationId),
        wallets.map(({ currency }) => currency),
        wallets.map(({ afterSequence }) => String(afterSequence)),
        limit,
      ],
    );
    const steps: BalanceStep[][] = wallets.map(() => []);
    for (const row of rows) steps[row.no - 1]?.push(fromRow(row));
    return steps;
  }

  async last({ organizationId, currency }: WalletKey): Promise<BalanceStep | null> {
    const { rows } = await this.pool.query<Row>(
      `SELECT 1 AS no, e.sequence, e.balance_after_micros, e.booked_at, e.type = ${ENTRY_TYPES.spend} AS is_spending
       FROM wallet_ledger.wallet w
       JOIN wallet_ledger.entry e ON e.wallet_no = w.wallet_no
       WHERE w.organization_id = $1 AND w.currency = $2 ORDER BY e.sequence DESC LIMIT 1`,
      [organizationId, currency],
    );
    const [row] = rows;
    return row ? fromRow(row) : null;
  }

  async balances(
    organizationId: string,
    limit: number,
  ): Promise<readonly { readonly currency: string; readonly balanceMicros: Micros }[]> {
    const { rows } = await this.pool.query<{ currency: string; balance_micros: string }>(
      `SELECT currency, balance_micros FROM wallet_ledger.wallet
       WHERE organization_id = $1 ORDER BY currency LIMIT $2`,
      [organizationId, limit],
    );
    return rows.map(({ currency, balance_micros: balance }) => ({
      ...{ currency, balanceMicros: BigInt(balance) as Micros },
    }));
  }
}

const fromRow = (row: Row): BalanceStep => ({
  sequence: BigInt(row.sequence),
  balanceMicros: BigInt(row.balance_after_micros) as Micros,
  bookedAt: row.booked_at,
  isSpending: row.is_spending,
});
