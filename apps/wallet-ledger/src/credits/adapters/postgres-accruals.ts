import { micros } from '@orbit/money';
import type { Pool } from 'pg';
import { CommandFault, type BesideWrite, type WalletKey } from '../../books/application/ports.js';
import type { Accruals } from '../application/credit-ports.js';
import type { DrawPart } from '../domain/draw-document.js';
import { NOTHING_PENDING, type Accrual, type PendingUsage } from '../domain/pending-draws.js';

interface StoredPart {
  readonly line_id: string;
  readonly price_id: string | null;
  /** Micros as text. */
  readonly amount: string;
  readonly used_at: number;
}

interface Row {
  readonly subscription_id: string;
  readonly version: string;
  readonly parts: readonly StoredPart[];
  readonly mark: string | null;
}

/** Accruals beside the books. */
export class PostgresAccruals implements Accruals {
  constructor(private readonly pool: Pool) {}

  async walletNoOf({ organizationId, currency }: WalletKey): Promise<bigint | null> {
    const { rows } = await this.pool.query<{ wallet_no: string }>(
      'SELECT wallet_no FROM wallet_ledger.wallet WHERE organization_id = $1 AND currency = $2',
      [organizationId, currency],
    );
    return rows[0] ? BigInt(rows[0].wallet_no) : null;
  }

  async read(walletNo: bigint): Promise<PendingUsage> {
    const { rows } = await this.pool.query<Row>(
      `SELECT a.subscription_id, a.version, a.parts, e.holder AS mark FROM wallet_ledger.accrual a
       LEFT JOIN wallet_ledger.escrow e ON e.wallet_no = a.wallet_no AND e.kind = 'usage' AND e.state <> 'closed'
       WHERE a.wallet_no = $1`,
      [walletNo],
    );
    const [first] = rows;
    if (!first) return NOTHING_PENDING;
    return { accruals: rows.map(fromRow), mark: first.mark };
  }

  write(walletNo: bigint, { subscriptionId, version, parts }: Accrual): BesideWrite {
    return {
      write: async (sql) => {
        const { rowCount } = await sql.query(
          `INSERT INTO wallet_ledger.accrual AS a (wallet_no, subscription_id, version, parts) VALUES ($1, $2, $3, $4)
           ON CONFLICT (wallet_no, subscription_id) DO UPDATE SET version = excluded.version, parts = excluded.parts
           WHERE a.version < excluded.version`,
          [walletNo, subscriptionId, version, JSON.stringify(parts.map(toStored))],
        );
        if (rowCount !== 1) throw new CommandFault('This usage has a newer report.');
      },
    };
  }
}

const toStored = ({ lineId, priceId, amountMicros, usedAtMs }: DrawPart): StoredPart => ({
  ...{ line_id: lineId, price_id: priceId, amount: String(amountMicros), used_at: usedAtMs },
});

const fromStored = ({ line_id, price_id, amount, used_at }: StoredPart): DrawPart => ({
  ...{ lineId: line_id, priceId: price_id, usedAtMs: used_at },
  amountMicros: micros(BigInt(amount)),
});

const fromRow = ({ subscription_id, version, parts }: Row): Accrual => ({
  subscriptionId: subscription_id,
  version: BigInt(version),
  parts: parts.map(fromStored),
});
