import type { OrbCall } from '@orbit/contracts';
import type { Currency } from '@orbit/money';
import type { Metadata } from '@orbit/orb-api';
import type { Pool } from 'pg';
import { CommandFault, type BesideWrite, type WalletKey } from '../../books/application/ports.js';
import type { NewSoldBlock, SoldBlock, SoldBlocks } from '../application/sale-ports.js';

interface Row {
  readonly id: string;
  readonly organization_id: string;
  readonly currency: string;
  readonly position: string;
  readonly status: SoldBlock['status'];
  readonly call: OrbCall;
  readonly source: SoldBlock['source'];
  readonly amount_micros: string;
  readonly effective_at: Date | null;
  readonly expires_at: Date | null;
  readonly metadata: Metadata;
  readonly created_at: Date;
  readonly entry: string | null;
  readonly sequence: string | null;
}

/** Blocks that are sold, in a table beside the books. */
export class PostgresSoldBlocks implements SoldBlocks {
  constructor(private readonly pool: Pool) {}

  async find(id: string): Promise<SoldBlock | null> {
    const { rows } = await this.pool.query<Row>(
      'SELECT * FROM wallet_ledger.sold_block WHERE id = $1',
      [id],
    );
    return rows[0] ? fromRow(rows[0]) : null;
  }

  async listPending({ organizationId, currency }: WalletKey): Promise<readonly SoldBlock[]> {
    const { rows } = await this.pool.query<Row>(
      `SELECT * FROM wallet_ledger.sold_block
       WHERE organization_id = $1 AND currency = $2 AND status = 'pending' ORDER BY position DESC`,
      [organizationId, currency],
    );
    return rows.map(fromRow);
  }

  async insert(block: NewSoldBlock): Promise<void> {
    await this.pool.query(
      `INSERT INTO wallet_ledger.sold_block (id, organization_id, currency, status, call, source, amount_micros,
         effective_at, expires_at, metadata, created_at)
       VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`,
      [
        ...[block.id, block.key.organizationId, block.key.currency, JSON.stringify(block.call)],
        ...[
          block.source,
          block.amountMicros,
          dateOr(block.effectiveAtMs),
          dateOr(block.expiresAtMs),
        ],
        ...[JSON.stringify(block.metadata), new Date(block.createdAtMs)],
      ],
    );
  }

  async changeMetadata(id: string, change: (own: Metadata) => Metadata): Promise<boolean> {
    const found = await this.find(id);
    if (found?.status !== 'pending') return false;
    const { rowCount } = await this.pool.query(
      `UPDATE wallet_ledger.sold_block SET metadata = $2 WHERE id = $1 AND status = 'pending' AND metadata = $3`,
      [id, JSON.stringify(change(found.metadata)), JSON.stringify(found.metadata)],
    );
    return rowCount === 1 ? true : this.changeMetadata(id, change);
  }

  async cancelPending(id: string): Promise<void> {
    await this.pool.query(
      `UPDATE wallet_ledger.sold_block SET status = 'void' WHERE id = $1 AND status = 'pending'`,
      [id],
    );
  }

  async cancelGranted(id: string): Promise<void> {
    await this.pool.query(
      `UPDATE wallet_ledger.sold_block SET status = 'void' WHERE id = $1 AND status = 'active'`,
      [id],
    );
  }

  grantWrite(id: string, sequence: bigint, entry: string): BesideWrite {
    return {
      write: async (sql) => {
        const { rowCount } = await sql.query(
          `UPDATE wallet_ledger.sold_block SET status = 'active', sequence = $2, entry = $3
           WHERE id = $1 AND status = 'pending'`,
          [id, sequence, entry],
        );
        if (rowCount !== 1) throw new CommandFault('This block was granted or cancelled already.');
      },
    };
  }
}

const dateOr = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const fromRow = (row: Row): SoldBlock => ({
  id: row.id,
  key: { organizationId: row.organization_id, currency: row.currency as Currency },
  position: BigInt(row.position),
  status: row.status,
  call: row.call,
  source: row.source,
  amountMicros: BigInt(row.amount_micros),
  effectiveAtMs: row.effective_at?.getTime() ?? null,
  expiresAtMs: row.expires_at?.getTime() ?? null,
  metadata: row.metadata,
  createdAtMs: row.created_at.getTime(),
  entry: row.entry,
  sequence: row.sequence === null ? null : BigInt(row.sequence),
});
