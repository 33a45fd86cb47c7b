import type { Currency } from '@orbit/money';
import type { Pool } from 'pg';
import { chargeReference } from '../../books/domain/identifiers.js';
import type {
  EntryFilter,
  WalletKey,
  WalletReader,
  WalletRecord,
} from '../../books/application/ports.js';
import { ENTRY_TYPES, type Block, type Entry, type Escrow } from '../../books/domain/wallet.js';
import {
  blockFromRow,
  entryFromRow,
  escrowFromRow,
  rejectionFromRow,
  walletFromRow,
  type BlockRow,
  type EntryRow,
  type EscrowRow,
  type RejectionRow,
  type WalletRow,
} from '../../books/adapters/ledger-store.mapping.js';

/** Reads without locks; every query is bounded by an index. */
export class PostgresWalletReader implements WalletReader {
  constructor(
    private readonly pool: Pool,
    private readonly onOpened: (key: WalletKey) => void = () => undefined,
  ) {}

  async open(
    key: WalletKey,
    walletId: string,
    lowBalanceMicros: bigint | null,
    accountId: string | null = null,
  ): Promise<void> {
    await this.pool.query(
      // Further wallets of an organization belong to the account of its first.
      `INSERT INTO wallet_ledger.wallet (wallet_id, organization_id, currency, low_balance_micros, account_id)
       VALUES ($1, $2, $3, $4, coalesce($5,
         (SELECT account_id FROM wallet_ledger.wallet WHERE organization_id = $2 ORDER BY wallet_no LIMIT 1), 'acct_live'))
       ON CONFLICT (organization_id, currency) DO NOTHING`,
      [walletId, key.organizationId, key.currency, lowBalanceMicros, accountId],
    );
    this.onOpened(key);
  }

  async find(key: WalletKey): Promise<WalletRecord | null> {
    // One statement, so that the wallet and its blocks are of one instant.
    const { rows } = await this.pool.query<
      WalletRow & { blocks: RawBlock[] | null; escrows: RawEscrow[] | null }
    >(
      `SELECT w.*, (SELECT now_at FROM wallet_ledger.account_clock c WHERE c.account_id = w.account_id) AS stands_at, (
         SELECT json_agg(b) FROM wallet_ledger.credit_block b
         WHERE b.wallet_no = w.wallet_no AND NOT b.is_empty
       ) AS blocks, (
         SELECT json_agg(e) FROM wallet_ledger.escrow e WHERE e.wallet_no = w.wallet_no AND e.state <> 'closed'
       ) AS escrows
       FROM wallet_ledger.wallet w WHERE w.organization_id = $1 AND w.currency = $2`,
      [key.organizationId, key.currency],
    );
    const [row] = rows;
    if (!row) return null;
    const blocks = (row.blocks ?? []).map(blockFromJson);
    const escrows = (row.escrows ?? []).map(escrowFromJson);
    return { wallet: walletFromRow(row, blocks, escrows), createdAtMs: row.created_at.getTime() };
  }

  async hasEntry(
    { organizationId, currency }: WalletKey,
    { walletNo, sequence }: { readonly walletNo: bigint; readonly sequence: bigint },
  ): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `SELECT FROM wallet_ledger.wallet w JOIN wallet_ledger.entry e USING (wallet_no)
       WHERE w.organization_id = $1 AND w.currency = $2 AND w.wallet_no = $3 AND e.sequence = $4`,
      [organizationId, currency, walletNo, sequence],
    );
    return rowCount === 1;
  }

  async listEntries(
    key: WalletKey,
    filter: EntryFilter,
  ): Promise<{ entry: Entry; expiresAtMs: number | null; refundedAtMs: number | null }[]> {
    const type = filter.type === null ? null : ENTRY_TYPES[filter.type];
    const { rows } = await this.pool.query<
      EntryRow & { block_expires_at: Date | null; refunded_at: Date | null }
    >(
      // Only top-ups (type 1) can be refunded, and few of a page are. What passes the wallet (account 1) by is no
      // transaction of it: what Stripe takes, its fees, bad debt.
      `SELECT e.*, b.expires_at AS block_expires_at, CASE WHEN e.type = 1 THEN (
         SELECT max(r.booked_at) FROM wallet_ledger.escrow c
         JOIN wallet_ledger.entry r ON r.wallet_no = c.wallet_no AND r.reference = c.reference
         WHERE c.wallet_no = e.wallet_no AND c.holder = e.reference AND c.kind = 'refund' AND c.spent_micros > 0
       ) END AS refunded_at
       FROM wallet_ledger.wallet w
       JOIN wallet_ledger.entry e USING (wallet_no)
       LEFT JOIN wallet_ledger.credit_block b ON b.wallet_no = e.wallet_no AND b.sequence = e.sequence
       WHERE w.organization_id = $1 AND w.currency = $2 AND 1 IN (e.from_account, e.to_account)
         AND ($3::bigint IS NULL OR e.sequence < $3) AND ($4::smallint IS NULL OR e.type = $4)
         AND ($5::text IS NULL OR e.channel = $5)
         AND ($6::timestamptz IS NULL OR e.booked_at >= $6) AND ($7::timestamptz IS NULL OR e.booked_at < $7)
       ORDER BY e.sequence DESC LIMIT $8`,
      [
        key.organizationId,
        key.currency,
        filter.beforeSequence,
        type,
        filter.channel,
        filter.fromMs === null ? null : new Date(filter.fromMs),
        filter.toMs === null ? null : new Date(filter.toMs),
        filter.limit,
      ],
    );
    return rows.map((row) => ({
      entry: entryFromRow(row),
      expiresAtMs: row.block_expires_at?.getTime() ?? null,
      refundedAtMs: row.refunded_at?.getTime() ?? null,
    }));
  }

  async findCharge(
    organizationId: string,
    chargeId: string,
  ): ReturnType<WalletReader['findCharge']> {
    const { rows: entries } = await this.pool.query<EntryRow & { currency: string }>(
      `SELECT e.*, w.currency FROM wallet_ledger.wallet w JOIN wallet_ledger.entry e USING (wallet_no)
       WHERE w.organization_id = $1 AND e.reference = $2 ORDER BY e.sequence`,
      [organizationId, chargeReference(chargeId)],
    );
    const [first] = entries;
    if (first) {
      return {
        currency: first.currency as Currency,
        outcome: { status: 'booked', entries: entries.map(entryFromRow) },
      };
    }
    const { rows } = await this.pool.query<RejectionRow & { currency: string }>(
      `SELECT r.*, w.currency FROM wallet_ledger.wallet w JOIN wallet_ledger.rejection r USING (wallet_no)
       WHERE w.organization_id = $1 AND r.charge_id = $2`,
      [organizationId, chargeId],
    );
    const [rejected] = rows;
    if (!rejected) return null;
    return {
      currency: rejected.currency as Currency,
      outcome: { status: 'rejected', rejection: rejectionFromRow(rejected) },
    };
  }

  async listWallets(
    afterWalletNo: bigint,
    limit: number,
  ): Promise<{ walletNo: bigint; key: WalletKey }[]> {
    const { rows } = await this.pool.query<{
      wallet_no: string;
      organization_id: string;
      currency: string;
    }>(
      `SELECT wallet_no, organization_id, currency FROM wallet_ledger.wallet
       WHERE wallet_no > $1 ORDER BY wallet_no LIMIT $2`,
      [afterWalletNo, limit],
    );
    return rows.map((row) => ({
      walletNo: BigInt(row.wallet_no),
      key: { organizationId: row.organization_id, currency: row.currency as Currency },
    }));
  }

  async listClawedBackOver(
    { organizationId, currency }: WalletKey,
    nowMs: number,
  ): Promise<string[]> {
    const { rows } = await this.pool.query<{ holder: string }>(
      `SELECT DISTINCT x.holder FROM wallet_ledger.wallet w
       JOIN wallet_ledger.escrow x ON x.wallet_no = w.wallet_no AND x.kind IN ('refund', 'dispute') AND x.spent_micros > 0
       JOIN wallet_ledger.entry e ON e.wallet_no = x.wallet_no AND e.reference = x.holder AND e.slice = 0
       JOIN wallet_ledger.credit_block b ON b.wallet_no = e.wallet_no AND b.sequence = e.sequence AND NOT b.is_empty
       WHERE w.organization_id = $1 AND w.currency = $2 AND coalesce(b.voided_at, b.expires_at) <= $3
       ORDER BY x.holder`,
      [organizationId, currency, new Date(nowMs)],
    );
    return rows.map(({ holder }) => holder);
  }

  async listExpired(
    nowMs: number,
    limit: number,
    expiredAfterMs: number | null = null,
    accountId: string | null = null,
  ): Promise<WalletKey[]> {
    const { rows } = await this.pool.query<{ organization_id: string; currency: string }>(
      // What escrows keep does not expire: else such wallets would come again and again and crowd out others.
      `SELECT DISTINCT w.organization_id, w.currency FROM (
         SELECT * FROM wallet_ledger.credit_block WHERE NOT is_empty AND expires_at IS NOT NULL AND expires_at <= $1
           AND expires_at > coalesce($3::timestamptz, '-infinity')
         UNION ALL
         SELECT * FROM wallet_ledger.credit_block WHERE NOT is_empty AND voided_at IS NOT NULL
       ) b JOIN wallet_ledger.wallet w USING (wallet_no)
       LEFT JOIN wallet_ledger.account_clock c USING (account_id)
       WHERE CASE WHEN $4::text IS NULL THEN c.account_id IS NULL ELSE w.account_id = $4 END AND b.remaining_micros > (
         SELECT coalesce(sum((slice ->> 'amount')::bigint), 0) FROM wallet_ledger.escrow e, jsonb_array_elements(e.slices) slice
         WHERE e.wallet_no = b.wallet_no AND e.state <> 'closed' AND slice ->> 'block' = b.sequence::text
       ) LIMIT $2`,
      [
        new Date(nowMs),
        limit,
        expiredAfterMs === null ? null : new Date(expiredAfterMs),
        accountId,
      ],
    );
    return rows.map((row) => ({
      organizationId: row.organization_id,
      currency: row.currency as Currency,
    }));
  }
}

/** JSON carries bigint columns as numbers: exact here, because the schema keeps them within 2^53. */
type RawBlock = Omit<BlockRow, 'effective_at' | 'expires_at' | 'created_at' | 'voided_at'> & {
  effective_at: string;
  expires_at: string | null;
  created_at: string;
  voided_at: string | null;
};

function blockFromJson(raw: RawBlock): Block {
  return blockFromRow({
    ...raw,
    effective_at: new Date(raw.effective_at),
    expires_at: raw.expires_at === null ? null : new Date(raw.expires_at),
    created_at: new Date(raw.created_at),
    voided_at: raw.voided_at === null ? null : new Date(raw.voided_at),
  });
}

type RawEscrow = Omit<EscrowRow, 'opened_at' | 'expires_at' | 'closed_at'> & {
  opened_at: string;
  expires_at: string | null;
  closed_at: string | null;
};

function escrowFromJson(raw: RawEscrow): Escrow {
  return escrowFromRow({
    ...raw,
    opened_at: new Date(raw.opened_at),
    expires_at: raw.expires_at === null ? null : new Date(raw.expires_at),
    closed_at: raw.closed_at === null ? null : new Date(raw.closed_at),
  });
}
