import type { Pool } from 'pg';
import type { HealthReader, StoredHealth } from '../application/reconcile-ports.js';
import type { Stall } from '../../books/application/shared-ports.js';
import type { Breach } from '../domain/reconcile.js';
import * as sql from './reconcile-store.sql.js';
import { READ_STALLS } from './postgres-stall-store.js';

/** A few rows, by index: what may be asked as often as somebody likes. */
export class PostgresHealthReader implements HealthReader {
  constructor(private readonly pool: Pool) {}

  async readHealth(): Promise<StoredHealth> {
    const [checks, breached, roots, stalls] = await Promise.all([
      this.pool.query<{
        name: string;
        last_true_at: Date | null;
        last_run_at: Date;
        wallets: string;
        detail: string | null;
      }>(sql.READ_CHECKS),
      this.pool.query<{
        organization_id: string;
        wallet_id: string;
        currency: string;
        breaches: Breach[];
        breached_at: Date;
        count: string;
      }>(sql.READ_BREACHES),
      this.pool.query<{ root_no: string; root: Buffer; sealed_at: Date }>(sql.READ_LAST_ROOT),
      this.pool.query<Stall & { since: Date }>(READ_STALLS),
    ]);
    const [root] = roots.rows;
    return {
      checks: checks.rows.map((row) => ({
        name: row.name,
        lastTrueAtMs: row.last_true_at?.getTime() ?? null,
        lastRunAtMs: row.last_run_at.getTime(),
        wallets: Number(row.wallets),
        detail: row.detail,
      })),
      breached: breached.rows.map((row) => ({
        organizationId: row.organization_id,
        walletId: row.wallet_id,
        currency: row.currency,
        breaches: row.breaches,
        sinceMs: row.breached_at.getTime(),
      })),
      breachedCount: Number(breached.rows[0]?.count ?? 0),
      stalls: stalls.rows.map(({ what, state, detail, since }) => ({
        ...{ what, state, detail },
        sinceMs: since.getTime(),
      })),
      lastRoot: root
        ? {
            rootNo: BigInt(root.root_no),
            root: root.root.toString('hex'),
            sealedAtMs: root.sealed_at.getTime(),
          }
        : null,
    };
  }
}
