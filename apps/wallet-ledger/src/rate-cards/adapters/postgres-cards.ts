import type { AccountClock } from '@orbit/kernel';
import type { CardPricesJson } from '@orbit/contracts';
import { inTransaction } from '@orbit/runtime';
import type { Pool } from 'pg';
import type { CardOwner, CardStore, StoredCard } from '../application/ports.js';

interface CardRow {
  account_id: string;
  organization_id: string;
  version: number;
  effective_at: Date;
  prices: string;
}

const COLUMNS = 'account_id, organization_id, version, effective_at, prices';

/** Rate cards in PostgreSQL: append only. */
export class PostgresCards implements CardStore {
  constructor(
    private readonly pool: Pool,
    private readonly clock: AccountClock,
  ) {}

  async accountOf(organizationId: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ account_id: string }>(
      'SELECT account_id FROM wallet_ledger.wallet WHERE organization_id = $1 ORDER BY wallet_no LIMIT 1',
      [organizationId],
    );
    return rows[0]?.account_id ?? null;
  }

  nowMs(accountId: string): Promise<number> {
    return this.clock.nowMs(accountId);
  }

  async inForce(owner: CardOwner, atMs: number): Promise<readonly StoredCard[]> {
    const { rows } = await this.pool.query<CardRow>(
      `SELECT DISTINCT ON (organization_id) ${COLUMNS} FROM wallet_ledger.rate_card
       WHERE account_id = $1 AND organization_id IN ('', $2) AND effective_at <= $3
       ORDER BY organization_id, effective_at DESC, version DESC`,
      [owner.accountId, owner.organizationId, new Date(atMs)],
    );
    return rows.map(fromRow);
  }

  async nextAfter(owner: CardOwner, atMs: number): Promise<number | null> {
    const { rows } = await this.pool.query<{ at: Date | null }>(
      `SELECT min(effective_at) AS at FROM wallet_ledger.rate_card
       WHERE account_id = $1 AND organization_id IN ('', $2) AND effective_at > $3`,
      [owner.accountId, owner.organizationId, new Date(atMs)],
    );
    return rows[0]?.at?.getTime() ?? null;
  }

  async add(
    owner: CardOwner,
    card: { readonly prices: CardPricesJson; readonly effectiveAtMs: number | null },
    nowMs: number,
  ): Promise<StoredCard & { readonly isReplay: boolean }> {
    const { accountId, organizationId } = owner;
    const prices = JSON.stringify(card.prices);
    const effectiveAt = card.effectiveAtMs === null ? null : new Date(card.effectiveAtMs);
    return inTransaction(this.pool, async (client) => {
      // One version after the other, whoever puts two at once.
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `rate_card ${accountId} ${organizationId}`,
      ]);
      const { rows: known } = await client.query<CardRow>(
        `SELECT ${COLUMNS} FROM wallet_ledger.rate_card
         WHERE account_id = $1 AND organization_id = $2 ORDER BY version DESC LIMIT 1`,
        [accountId, organizationId],
      );
      const [newest] = known;
      const isSameTime =
        effectiveAt === null
          ? (newest?.effective_at.getTime() ?? Infinity) <= nowMs
          : newest?.effective_at.getTime() === effectiveAt.getTime();
      if (newest?.prices === prices && isSameTime) {
        return { ...fromRow(newest), isReplay: true };
      }
      const { rows } = await client.query<CardRow>(
        `INSERT INTO wallet_ledger.rate_card (account_id, organization_id, version, effective_at, prices)
         VALUES ($1, $2, $3, $4, $5) RETURNING ${COLUMNS}`,
        [
          ...[accountId, organizationId, (newest?.version ?? 0) + 1],
          ...[effectiveAt ?? new Date(nowMs), prices],
        ],
      );
      const [row] = rows;
      if (!row) throw new Error('a card that was added is answered');
      return { ...fromRow(row), isReplay: false };
    });
  }
}

const fromRow = (row: CardRow): StoredCard => ({
  accountId: row.account_id,
  organizationId: row.organization_id,
  version: row.version,
  effectiveAtMs: row.effective_at.getTime(),
  prices: JSON.parse(row.prices) as CardPricesJson,
});
