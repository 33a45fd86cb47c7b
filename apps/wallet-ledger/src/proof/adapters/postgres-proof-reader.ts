import type { ChargeRejection } from '@orbit/contracts';
import { micros } from '@orbit/money';
import type { Pool } from 'pg';
import { chargeReference } from '../../books/domain/identifiers.js';
import { reversalReference } from '../../charges/domain/reversal.js';
import type {
  BalancesAtRequest,
  ProofReader,
  SealOfEntry,
  StoredBlock,
  StoredCharge,
  WalletAt,
} from '../application/explain-ports.js';
import type { Rejection } from '../../books/application/ports.js';
import type { SealableEntry } from '../domain/seal.js';
import { blockFromRow, type BlockRow } from '../../books/adapters/ledger-store.mapping.js';
import {
  ENTRY_COLUMNS,
  entryFromArray,
  hashesOf,
  rootFromRow,
  type EntryArray,
  type RootRow,
} from './seal-store.mapping.js';

// Of several wallets of the organization, the one that decided it first.
const FIND_CHARGE = `
  SELECT w.wallet_no, w.wallet_id, w.organization_id, w.currency, w.sequence,
    r.reason, r.amount_micros, r.channel, r.rejected_at
  FROM wallet_ledger.wallet w
  LEFT JOIN LATERAL (
    SELECT min(e.booked_at) AS at FROM wallet_ledger.entry e
    WHERE e.wallet_no = w.wallet_no AND e.reference = $2
  ) posted ON true
  LEFT JOIN wallet_ledger.rejection r ON r.wallet_no = w.wallet_no AND r.charge_id = $3 AND posted.at IS NULL
  WHERE w.organization_id = $1 AND coalesce(posted.at, r.rejected_at) IS NOT NULL
  ORDER BY posted.at IS NULL, coalesce(posted.at, r.rejected_at), w.wallet_no LIMIT 1`;

const READ_SEALS = `
  SELECT k.sequence AS at, s.first_sequence, s.last_sequence, s.leaf_index, s.hashes,
    encode(p.last_hash, 'hex') AS hash_before, r.*
  FROM unnest($2::bigint[]) AS k (sequence)
  CROSS JOIN LATERAL (
    SELECT * FROM wallet_ledger.seal WHERE wallet_no = $1 AND first_sequence <= k.sequence
    ORDER BY first_sequence DESC LIMIT 1
  ) s
  LEFT JOIN LATERAL (
    SELECT substring(hashes FROM octet_length(hashes) - 31) AS last_hash FROM wallet_ledger.seal
    WHERE wallet_no = $1 AND first_sequence < s.first_sequence ORDER BY first_sequence DESC LIMIT 1
  ) p ON true
  JOIN wallet_ledger.seal_root r ON r.root_no = s.root_no
  WHERE s.last_sequence >= k.sequence`;

// Entries of a wallet are booked one after the other, so the last one by an instant is found by halving.
const READ_BALANCES_AT = `
  WITH RECURSIVE picked AS (
    SELECT wallet_no, wallet_id, organization_id, currency, sequence FROM wallet_ledger.wallet
    WHERE wallet_no > $2 AND created_at <= $1 AND ($3::text IS NULL OR organization_id = $3)
      AND ($4::text IS NULL OR currency = $4)
    ORDER BY wallet_no LIMIT $5
  ), search AS (
    SELECT wallet_no, 0::bigint AS low, sequence AS high FROM picked
    UNION ALL
    SELECT s.wallet_no, CASE WHEN e.booked_at <= $1 THEN e.sequence ELSE s.low END,
      CASE WHEN e.booked_at <= $1 THEN s.high ELSE e.sequence - 1 END
    FROM search s CROSS JOIN LATERAL (
      SELECT sequence, booked_at FROM wallet_ledger.entry
      WHERE wallet_no = s.wallet_no AND sequence = (s.low + s.high + 1) / 2 LIMIT 1
    ) e WHERE s.low < s.high
  )
  SELECT p.wallet_no, p.wallet_id, p.organization_id, p.currency, s.low AS sequence,
    coalesce(e.balance_after_micros, 0) AS balance_micros, e.booked_at
  FROM picked p JOIN search s ON s.wallet_no = p.wallet_no AND s.low = s.high
  LEFT JOIN wallet_ledger.entry e ON e.wallet_no = p.wallet_no AND e.sequence = s.low
  ORDER BY p.wallet_no`;

interface ChargeRow {
  wallet_no: string;
  wallet_id: string;
  organization_id: string;
  currency: string;
  sequence: string;
  reason: string | null;
  amount_micros: string | null;
  channel: string | null;
  rejected_at: Date | null;
}

type SealRow = RootRow & {
  at: string;
  first_sequence: string;
  last_sequence: string;
  leaf_index: number;
  hashes: Buffer;
  hash_before: string | null;
};

/** Reads for proofs and explanations, on PostgreSQL. */
export class PostgresProofReader implements ProofReader {
  constructor(private readonly pool: Pool) {}

  async findCharge(organizationId: string, chargeId: string): Promise<StoredCharge | null> {
    const reference = chargeReference(chargeId);
    const { rows } = await this.pool.query<ChargeRow>(FIND_CHARGE, [
      organizationId,
      reference,
      chargeId,
    ]);
    const [row] = rows;
    if (!row) return null;
    const wallet = {
      walletNo: BigInt(row.wallet_no),
      walletId: row.wallet_id,
      organizationId: row.organization_id,
      currency: row.currency,
    };
    const rejection = rejectionOf(row);
    const found = rejection
      ? []
      : await this.readEntries('e.wallet_no = $1 AND e.reference = ANY ($2::text[])', [
          wallet.walletNo,
          [reference, reversalReference(chargeId)],
        ]);
    const entries = found.filter((entry) => entry.reference === reference);
    const reversed = found.filter((entry) => entry.reference !== reference);
    return { wallet, lastSequence: BigInt(row.sequence), entries, reversed, rejection };
  }

  async readBlocks(
    walletNo: bigint,
    sequences: readonly bigint[],
  ): Promise<readonly StoredBlock[]> {
    const values = [walletNo, sequences];
    const { rows } = await this.pool.query<BlockRow>(
      'SELECT * FROM wallet_ledger.credit_block WHERE wallet_no = $1 AND sequence = ANY ($2::bigint[])',
      values,
    );
    const where = 'e.wallet_no = $1 AND e.sequence = ANY ($2::bigint[])';
    const entries = await this.readEntries(where, values);
    const origins = new Map(entries.map((entry) => [entry.sequence, entry]));
    return rows.flatMap((row) => {
      const block = blockFromRow(row);
      const origin = origins.get(block.sequence);
      return origin ? [{ block, origin }] : [];
    });
  }

  async sumBlockMoves(
    walletNo: bigint,
    afterSequence: bigint,
    blocks: readonly bigint[],
  ): Promise<ReadonlyMap<bigint, bigint>> {
    const { rows } = await this.pool.query<{ block_sequence: string; moved: string }>(
      `SELECT block_sequence, sum(CASE WHEN from_account = to_account THEN 0 WHEN to_account = 1 THEN amount_micros
         WHEN from_account = 1 THEN -amount_micros ELSE 0 END)::bigint AS moved
       FROM wallet_ledger.entry
       WHERE wallet_no = $1 AND sequence > $2 AND block_sequence = ANY ($3::bigint[]) GROUP BY block_sequence`,
      [walletNo, afterSequence, blocks],
    );
    return new Map(rows.map((row) => [BigInt(row.block_sequence), BigInt(row.moved)]));
  }

  async readSeals(walletNo: bigint, sequences: readonly bigint[]): Promise<readonly SealOfEntry[]> {
    const { rows } = await this.pool.query<SealRow>(READ_SEALS, [walletNo, sequences]);
    return rows.map((row) => ({
      sequence: BigInt(row.at),
      seal: {
        walletNo,
        firstSequence: BigInt(row.first_sequence),
        lastSequence: BigInt(row.last_sequence),
        rootNo: BigInt(row.root_no),
        leafIndex: row.leaf_index,
        hashes: hashesOf(row.hashes),
      },
      hashBefore: row.hash_before,
      root: rootFromRow(row),
    }));
  }

  async readBalancesAt(request: BalancesAtRequest): Promise<readonly WalletAt[]> {
    const { rows } = await this.pool.query<{
      wallet_no: string;
      wallet_id: string;
      organization_id: string;
      currency: string;
      sequence: string;
      balance_micros: string;
      booked_at: Date | null;
    }>(READ_BALANCES_AT, [
      new Date(request.atMs),
      request.afterWalletNo,
      request.organizationId,
      request.currency,
      request.limit,
    ]);
    return rows.map((row) => ({
      walletNo: BigInt(row.wallet_no),
      walletId: row.wallet_id,
      organizationId: row.organization_id,
      currency: row.currency,
      balanceMicros: BigInt(row.balance_micros),
      sequence: BigInt(row.sequence),
      lastEntryAtMs: row.booked_at?.getTime() ?? null,
    }));
  }

  private async readEntries(where: string, values: unknown[]): Promise<SealableEntry[]> {
    const { rows } = await this.pool.query<EntryArray>({
      text: `SELECT ${ENTRY_COLUMNS} FROM wallet_ledger.entry e WHERE ${where} ORDER BY e.sequence`,
      values,
      rowMode: 'array',
    });
    return rows.map(entryFromArray);
  }
}

function rejectionOf(row: ChargeRow): Rejection | null {
  if (row.reason === null || row.amount_micros === null || row.rejected_at === null) return null;
  return {
    walletNo: BigInt(row.wallet_no),
    chargeId: '',
    reason: row.reason as ChargeRejection,
    amountMicros: micros(BigInt(row.amount_micros)),
    channel: row.channel ?? 'unknown',
    rejectedAtMs: row.rejected_at.getTime(),
  };
}
