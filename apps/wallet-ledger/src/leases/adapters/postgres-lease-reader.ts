import type { Currency } from '@orbit/money';
import type { Pool } from 'pg';
import type { LeaseFilter, LeaseReader, LeaseRecord } from '../application/lease-ports.js';
import type { WalletKey } from '../../books/application/ports.js';
import type { Escrow } from '../../books/domain/wallet.js';
import { escrowFromRow, type EscrowRow } from '../../books/adapters/ledger-store.mapping.js';

type LeaseRow = EscrowRow & { organization_id: string; currency: string };

/** Reads leases without locks. */
export class PostgresLeaseReader implements LeaseReader {
  constructor(private readonly pool: Pool) {}

  async find(organizationId: string, leaseId: string): Promise<LeaseRecord | null> {
    const { rows } = await this.pool.query<LeaseRow>(
      `SELECT e.*, w.organization_id, w.currency FROM wallet_ledger.wallet w JOIN wallet_ledger.escrow e USING (wallet_no)
       WHERE w.organization_id = $1 AND e.escrow_id = $2 AND e.kind = 'lease'`,
      [organizationId, leaseId],
    );
    const [row] = rows;
    return row ? recordFromRow(row) : null;
  }

  async list(key: WalletKey, { state, limit, afterId }: LeaseFilter): Promise<Escrow[]> {
    const { rows } = await this.pool.query<EscrowRow>(
      `SELECT e.* FROM wallet_ledger.wallet w JOIN wallet_ledger.escrow e USING (wallet_no)
       WHERE w.organization_id = $1 AND w.currency = $2 AND e.kind = 'lease'
         AND ($3::text IS NULL OR e.state = $3) AND ($4::text IS NULL OR e.escrow_id < $4)
       ORDER BY e.escrow_id DESC LIMIT $5`,
      [key.organizationId, key.currency, state, afterId, limit],
    );
    return rows.map(escrowFromRow);
  }

  async listOverdue(nowMs: number, limit: number): Promise<LeaseRecord[]> {
    const { rows } = await this.pool.query<LeaseRow>(
      `SELECT e.*, w.organization_id, w.currency FROM wallet_ledger.escrow e JOIN wallet_ledger.wallet w USING (wallet_no)
       WHERE e.kind = 'lease' AND e.state = 'open' AND e.expires_at <= $1 ORDER BY e.expires_at LIMIT $2`,
      [new Date(nowMs), limit],
    );
    return rows.map(recordFromRow);
  }

  async listClosing(limit: number): Promise<LeaseRecord[]> {
    const { rows } = await this.pool.query<LeaseRow>(
      `SELECT e.*, w.organization_id, w.currency FROM wallet_ledger.escrow e JOIN wallet_ledger.wallet w USING (wallet_no)
       WHERE e.kind = 'lease' AND e.state = 'closing' ORDER BY e.expires_at LIMIT $1`,
      [limit],
    );
    return rows.map(recordFromRow);
  }
}

const recordFromRow = (row: LeaseRow): LeaseRecord => ({
  key: { organizationId: row.organization_id, currency: row.currency as Currency },
  lease: escrowFromRow(row),
});
