import type { Currency } from '@orbit/money';
import type { CreatedBetween, Metadata } from '@orbit/orb-api';
import { inTransaction } from '@orbit/runtime';
import type { Pool } from 'pg';
import {
  blockFromRow,
  entryFromRow,
  type BlockRow,
  type EntryRow,
} from '../../books/adapters/ledger-store.mapping.js';
import { parseBlockId } from '../../books/domain/identifiers.js';
import type { Block } from '../../books/domain/wallet.js';
import type { BesideWrite, WalletKey } from '../../books/application/ports.js';
import type {
  BlockListQuery,
  BlockSource,
  BlockTerms,
  CreditBlocks,
  BlockWithTerms,
  CreditHolder,
} from '../application/credit-ports.js';

export interface BlockWithTermsRow extends BlockRow {
  terms_metadata: Metadata | null;
  terms_basis: string | null;
  terms_source: string | null;
  terms_id: string | null;
}

/** Columns of `b` and `t`, a block and its terms. */
export const BLOCK_WITH_TERMS = `b.*, t.metadata AS terms_metadata, t.per_unit_cost_basis AS terms_basis, t.source AS terms_source, t.public_id AS terms_id`;
const FROM = `wallet_ledger.credit_block b LEFT JOIN wallet_ledger.block_terms t USING (wallet_no, sequence)`;

export const blockFromTermsRow = (row: BlockWithTermsRow): BlockWithTerms => ({
  walletNo: BigInt(row.wallet_no),
  block: blockFromRow(row),
  metadata: row.terms_metadata ?? {},
  perUnitCostBasis: row.terms_basis,
  source: (row.terms_source ?? 'manual') as BlockSource,
  publicId: row.terms_id,
});

/** Blocks and what /v1 says of them. Reads without locks, each bounded by an index. */
export class PostgresCreditBlocks implements CreditBlocks {
  constructor(private readonly pool: Pool) {}

  async list(key: WalletKey, query: BlockListQuery): Promise<BlockWithTerms[]> {
    const { rows } = await this.pool.query<BlockWithTermsRow>(
      `SELECT ${BLOCK_WITH_TERMS} FROM wallet_ledger.wallet w JOIN ${FROM} USING (wallet_no)
       WHERE w.organization_id = $1 AND w.currency = $2 AND t.deleted_at IS NULL AND ($3::bigint IS NULL OR b.sequence < $3)
         AND ($4 OR (b.remaining_micros > coalesce(($11::jsonb ->> b.sequence::text)::bigint, 0) AND b.voided_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > $5)))
         AND ($6::timestamptz IS NULL OR b.effective_at >= $6) AND ($7::timestamptz IS NULL OR b.effective_at > $7)
         AND ($8::timestamptz IS NULL OR b.effective_at < $8) AND ($9::timestamptz IS NULL OR b.effective_at <= $9)
       ORDER BY b.sequence DESC LIMIT $10`,
      [
        ...[key.organizationId, key.currency, query.beforeSequence, query.includesAll],
        ...[new Date(query.nowMs), ...boundsOf(query.effective), query.limit],
        JSON.stringify(Object.fromEntries([...query.pending].map(([of, sum]) => [of, `${sum}`]))),
      ],
    );
    return rows.map(blockFromTermsRow);
  }

  async find(walletNo: bigint, sequence: bigint): Promise<BlockWithTerms | null> {
    const { rows } = await this.pool.query<BlockWithTermsRow>(
      `SELECT ${BLOCK_WITH_TERMS} FROM ${FROM} WHERE b.wallet_no = $1 AND b.sequence = $2 AND t.deleted_at IS NULL`,
      [walletNo, sequence],
    );
    return rows[0] ? blockFromTermsRow(rows[0]) : null;
  }

  async locate(id: string): ReturnType<CreditBlocks['locate']> {
    const named = parseBlockId(id);
    if (named) return named;
    const { rows } = await this.pool.query<{ wallet_no: string; sequence: string }>(
      'SELECT wallet_no, sequence FROM wallet_ledger.block_terms WHERE public_id = $1',
      [id],
    );
    const [row] = rows;
    return row ? { walletNo: BigInt(row.wallet_no), sequence: BigInt(row.sequence) } : null;
  }

  async listLeft(walletNo: bigint): Promise<BlockWithTerms[]> {
    const { rows } = await this.pool.query<BlockWithTermsRow>(
      `SELECT ${BLOCK_WITH_TERMS} FROM ${FROM} WHERE b.wallet_no = $1 AND NOT b.is_empty`,
      [walletNo],
    );
    return rows.map(blockFromTermsRow);
  }

  async findKey(walletNo: bigint): Promise<WalletKey | null> {
    const { rows } = await this.pool.query<{ organization_id: string; currency: string }>(
      'SELECT organization_id, currency FROM wallet_ledger.wallet WHERE wallet_no = $1',
      [walletNo],
    );
    const [row] = rows;
    return row ? { organizationId: row.organization_id, currency: row.currency as Currency } : null;
  }

  async readHistory(walletNo: bigint, sequence: bigint): ReturnType<CreditBlocks['readHistory']> {
    const { rows } = await this.pool.query<EntryRow & { as_of: string }>(
      `SELECT e.*, w.sequence AS as_of FROM wallet_ledger.wallet w
       JOIN wallet_ledger.entry e ON e.wallet_no = w.wallet_no AND e.block_sequence = $2
       WHERE w.wallet_no = $1 ORDER BY e.sequence`,
      [walletNo, sequence],
    );
    return { asOf: BigInt(rows[0]?.as_of ?? 0), entries: rows.map(entryFromRow) };
  }

  async debtOf(walletNo: bigint): Promise<bigint> {
    const { rows } = await this.pool.query<{ debt: string }>(
      `SELECT (SELECT coalesce(sum(remaining_micros), 0) FROM wallet_ledger.credit_block b
               WHERE b.wallet_no = w.wallet_no) - w.balance_micros AS debt
       FROM wallet_ledger.wallet w WHERE w.wallet_no = $1`,
      [walletNo],
    );
    return BigInt(rows[0]?.debt ?? 0);
  }

  async listHeld(holders: readonly CreditHolder[]): Promise<readonly (readonly string[])[]> {
    const asked = holders.flatMap(({ organizationId, currencies }, index) =>
      currencies.map((currency) => ({ index, organizationId, currency })),
    );
    const { rows } = await this.pool.query<{ index: number; currency: string }>(
      `SELECT a.index, w.currency
       FROM unnest($1::integer[], $2::text[], $3::text[]) AS a (index, organization_id, currency)
       JOIN wallet_ledger.wallet w ON w.organization_id = a.organization_id AND w.currency = a.currency
       WHERE EXISTS (SELECT 1 FROM wallet_ledger.credit_block b WHERE b.wallet_no = w.wallet_no
         AND b.voided_at IS NULL AND (b.remaining_micros > 0 OR b.expired_micros > 0))`,
      [
        asked.map(({ index }) => index),
        asked.map(({ organizationId }) => organizationId),
        asked.map(({ currency }) => currency),
      ],
    );
    const held = holders.map((): string[] => []);
    for (const { index, currency } of rows) held[index]?.push(currency.trim());
    return held;
  }

  async listHolders(organizationIds: readonly string[]): Promise<string[]> {
    const { rows } = await this.pool.query<{ organization_id: string }>(
      `SELECT DISTINCT w.organization_id FROM wallet_ledger.wallet w
       WHERE w.organization_id = ANY($1)
         AND EXISTS (SELECT 1 FROM wallet_ledger.credit_block b WHERE b.wallet_no = w.wallet_no
           AND b.voided_at IS NULL AND (b.remaining_micros > 0 OR b.expired_micros > 0))`,
      [[...organizationIds]],
    );
    return rows.map((row) => row.organization_id);
  }

  async listAll(walletNo: bigint): Promise<Block[]> {
    const { rows } = await this.pool.query<BlockRow>(
      'SELECT * FROM wallet_ledger.credit_block WHERE wallet_no = $1',
      [walletNo],
    );
    return rows.map(blockFromRow);
  }

  async pendingOf(walletNo: bigint): Promise<ReadonlyMap<bigint, bigint>> {
    const { rows } = await this.pool.query<{ block: string; amount: string }>(
      `SELECT s ->> 'block' AS block, s ->> 'amount' AS amount
       FROM wallet_ledger.escrow e, jsonb_array_elements(e.slices) s
       WHERE e.wallet_no = $1 AND e.kind = 'usage' AND e.state <> 'closed'`,
      [walletNo],
    );
    return new Map(rows.map(({ block, amount }) => [BigInt(block), BigInt(amount)]));
  }

  async listNumbers(walletNo: bigint): Promise<bigint[]> {
    const { rows } = await this.pool.query<{ sequence: string }>(
      'SELECT sequence FROM wallet_ledger.credit_block WHERE wallet_no = $1',
      [walletNo],
    );
    return rows.map(({ sequence }) => BigInt(sequence));
  }

  deletionWrite(walletNo: bigint, sequence: bigint, nowMs: number): BesideWrite {
    return {
      write: async (sql) => {
        await sql.query(
          `INSERT INTO wallet_ledger.block_terms (wallet_no, sequence, deleted_at) VALUES ($1, $2, $3)
           ON CONFLICT (wallet_no, sequence) DO UPDATE SET deleted_at = excluded.deleted_at`,
          [walletNo, sequence, new Date(nowMs)],
        );
        // The updater of the statement holds this row; after it nobody goes on where the old one ended.
        await sql.query(
          `UPDATE wallet_ledger.statement_cursor SET sequence = 0, balance_micros = 0, open_from = NULL
           WHERE wallet_no = $1`,
          [walletNo],
        );
        await sql.query('DELETE FROM wallet_ledger.statement WHERE wallet_no = $1', [walletNo]);
      },
    };
  }

  termsWrite(walletNo: bigint, sequence: bigint, terms: BlockTerms): BesideWrite {
    const { metadata, perUnitCostBasis, source, publicId } = terms;
    return {
      write: async (sql) => {
        await sql.query(
          `INSERT INTO wallet_ledger.block_terms (wallet_no, sequence, metadata, per_unit_cost_basis, source, public_id)
           VALUES ($1, $2, $3, $4, $5, $6)`,
          [walletNo, sequence, JSON.stringify(metadata), perUnitCostBasis, source, publicId],
        );
      },
    };
  }

  async changeMetadata(
    walletNo: bigint,
    sequence: bigint,
    change: (metadata: Metadata) => Metadata,
  ): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ metadata: Metadata }>(
        `INSERT INTO wallet_ledger.block_terms AS t (wallet_no, sequence) VALUES ($1, $2)
         ON CONFLICT (wallet_no, sequence) DO UPDATE SET metadata = t.metadata RETURNING t.metadata`,
        [walletNo, sequence],
      );
      await client.query(
        'UPDATE wallet_ledger.block_terms SET metadata = $3 WHERE wallet_no = $1 AND sequence = $2',
        [walletNo, sequence, JSON.stringify(change(rows[0]?.metadata ?? {}))],
      );
    });
  }
}

/** In the order of the statements' parameters. */
export const boundsOf = ({ gte, gt, lt, lte }: CreatedBetween): (Date | null)[] => [
  gte,
  gt,
  lt,
  lte,
];
