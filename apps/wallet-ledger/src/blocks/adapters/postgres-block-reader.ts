import type { Currency } from '@orbit/money';
import type { Pool } from 'pg';
import type { BlockReader } from '../../books/application/shared-ports.js';
import type { WalletKey } from '../../books/application/ports.js';
import {
  blockFromRow,
  escrowFromRow,
  type BlockRow,
  type EscrowRow,
} from '../../books/adapters/ledger-store.mapping.js';

/** Reads without locks; every query is bounded by an index. */
export class PostgresBlockReader implements BlockReader {
  constructor(private readonly pool: Pool) {}

  async findKey(organizationId: string, walletNo: bigint): Promise<WalletKey | null> {
    const { rows } = await this.pool.query<{ currency: string }>(
      'SELECT currency FROM wallet_ledger.wallet WHERE wallet_no = $1 AND organization_id = $2',
      [walletNo, organizationId],
    );
    const [row] = rows;
    return row ? { organizationId, currency: row.currency as Currency } : null;
  }

  async listPayments(walletNo: bigint, blockSequences: readonly bigint[]): Promise<string[]> {
    // Type 1 is a top-up; a block has the number of the entry that brought it in.
    const { rows } = await this.pool.query<{ reference: string }>(
      `SELECT reference FROM wallet_ledger.entry
       WHERE wallet_no = $1 AND sequence = ANY ($2::bigint[]) AND type = 1 ORDER BY sequence`,
      [walletNo, blockSequences],
    );
    return rows.map(({ reference }) => reference);
  }

  async listAll(
    { organizationId, currency }: WalletKey,
    filter: { readonly limit: number; readonly beforeSequence: bigint | null },
  ): ReturnType<BlockReader['listAll']> {
    const { rows } = await this.pool.query<BlockRow>(
      `SELECT b.* FROM wallet_ledger.wallet w JOIN wallet_ledger.credit_block b USING (wallet_no)
       WHERE w.organization_id = $1 AND w.currency = $2 AND ($3::bigint IS NULL OR b.sequence < $3)
       ORDER BY b.sequence DESC LIMIT $4`,
      [organizationId, currency, filter.beforeSequence, filter.limit],
    );
    const escrows = await this.pool.query<EscrowRow>(
      `SELECT e.* FROM wallet_ledger.wallet w JOIN wallet_ledger.escrow e USING (wallet_no)
       WHERE w.organization_id = $1 AND w.currency = $2 AND e.state <> 'closed'`,
      [organizationId, currency],
    );
    return {
      wallet: {
        walletNo: BigInt(rows[0]?.wallet_no ?? 0),
        escrows: escrows.rows.map(escrowFromRow),
      },
      blocks: rows.map(blockFromRow),
    };
  }

  async listRepaying({ organizationId, currency }: WalletKey): Promise<bigint[]> {
    const { rows } = await this.pool.query<{ sequence: string }>(
      `SELECT b.sequence FROM wallet_ledger.wallet w JOIN wallet_ledger.credit_block b USING (wallet_no)
       WHERE w.organization_id = $1 AND w.currency = $2 AND b.repaid_micros > 0`,
      [organizationId, currency],
    );
    return rows.map(({ sequence }) => BigInt(sequence));
  }
}
