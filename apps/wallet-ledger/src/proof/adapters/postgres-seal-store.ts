import { inTransaction } from '@orbit/runtime';
import type { Pool, PoolClient } from 'pg';
import type { WalletKey } from '../../books/application/ports.js';
import type {
  EntryRange,
  Seal,
  SealRoot,
  SealStore,
  SealTransaction,
  UnsealedWallet,
} from '../application/seal-ports.js';
import type { Hash, SealableEntry } from '../domain/seal.js';
import {
  ENTRY_COLUMNS,
  entryFromArray,
  joinHashes,
  rootFromRow,
  type EntryArray,
  type RootRow,
} from './seal-store.mapping.js';

/** Names the one sealer of a database among PostgreSQL's advisory locks. */
const SEAL_LOCK = 0x5ea1;

// The last hash alone is read: the column is stored uncompressed, so that this is a slice.
const FIND_UNSEALED = `
  WITH picked AS (
    SELECT w.wallet_no FROM unnest($1::text[], $2::text[]) AS k (organization_id, currency)
    JOIN wallet_ledger.wallet w USING (organization_id, currency)
    UNION
    (SELECT wallet_no FROM wallet_ledger.wallet WHERE wallet_no > $3 ORDER BY wallet_no LIMIT $4)
  )
  SELECT w.wallet_no, w.wallet_id, w.organization_id, w.currency, w.sequence, s.last_sequence,
    encode(s.last_hash, 'hex') AS last_hash
  FROM picked JOIN wallet_ledger.wallet w USING (wallet_no)
  LEFT JOIN LATERAL (
    SELECT last_sequence, substring(hashes FROM octet_length(hashes) - 31) AS last_hash
    FROM wallet_ledger.seal WHERE seal.wallet_no = w.wallet_no ORDER BY first_sequence DESC LIMIT 1
  ) s ON true
  WHERE w.sequence > coalesce(s.last_sequence, 0) ORDER BY w.wallet_no`;

// LATERAL with a limit stays one index range per wallet, whatever the planner thinks of the arrays.
const READ_ENTRIES = `
  SELECT e.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (wallet_no, first, last)
  CROSS JOIN LATERAL (
    SELECT ${ENTRY_COLUMNS} FROM wallet_ledger.entry e
    WHERE e.wallet_no = k.wallet_no AND e.sequence BETWEEN k.first AND k.last
    ORDER BY e.sequence LIMIT k.last - k.first + 1
  ) e`;

const INSERT_ROOT = `
  INSERT INTO wallet_ledger.seal_root
    (root_no, previous_root, merkle_root, root, leaves, wallet_count, entry_count, sealed_at)
  VALUES ($1, decode($2, 'hex'), decode($3, 'hex'), decode($4, 'hex'), $5, $6, $7, $8)`;

const INSERT_SEALS = `
  INSERT INTO wallet_ledger.seal (wallet_no, first_sequence, last_sequence, root_no, leaf_index, hashes)
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::integer[], $6::bytea[])`;

/** Seals and roots on PostgreSQL. */
export class PostgresSealStore implements SealStore {
  constructor(private readonly pool: Pool) {}

  exclusively<T>(work: (tx: SealTransaction) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [SEAL_LOCK]);
      return work(new PostgresSealTransaction(client));
    });
  }

  async endOfWindow(afterWalletNo: bigint, limit: number): Promise<bigint | null> {
    const { rows } = await this.pool.query<{ last: string | null; count: string }>(
      `SELECT max(wallet_no) AS last, count(*) FROM (
         SELECT wallet_no FROM wallet_ledger.wallet WHERE wallet_no > $1 ORDER BY wallet_no LIMIT $2
       ) AS seen`,
      [afterWalletNo, limit],
    );
    const [row] = rows;
    return row?.last == null || Number(row.count) < limit ? null : BigInt(row.last);
  }

  async listUnpublished(limit: number): Promise<readonly SealRoot[]> {
    const { rows } = await this.pool.query<RootRow>(
      `SELECT r.* FROM wallet_ledger.seal_root r
       WHERE r.root_no > (SELECT position FROM wallet_ledger.proof_cursor WHERE name = 'published_root')
       ORDER BY r.root_no LIMIT $1`,
      [limit],
    );
    return rows.map(rootFromRow);
  }

  async markPublished(rootNo: bigint): Promise<void> {
    await this.pool.query(
      `UPDATE wallet_ledger.proof_cursor SET position = greatest(position, $1)
       WHERE name = 'published_root'`,
      [rootNo],
    );
  }
}

class PostgresSealTransaction implements SealTransaction {
  constructor(private readonly client: PoolClient) {}

  async lastRoot(): Promise<{ readonly rootNo: bigint; readonly root: Hash } | null> {
    const { rows } = await this.client.query<{ root_no: string; root: Buffer }>(
      'SELECT root_no, root FROM wallet_ledger.seal_root ORDER BY root_no DESC LIMIT 1',
    );
    const [row] = rows;
    return row ? { rootNo: BigInt(row.root_no), root: row.root.toString('hex') } : null;
  }

  async findUnsealed(
    keys: readonly WalletKey[],
    afterWalletNo: bigint,
    limit: number,
  ): Promise<readonly UnsealedWallet[]> {
    const { rows } = await this.client.query<UnsealedRow>(FIND_UNSEALED, [
      keys.map((key) => key.organizationId),
      keys.map((key) => key.currency),
      afterWalletNo,
      limit,
    ]);
    return rows.map((row) => ({
      wallet: {
        walletNo: BigInt(row.wallet_no),
        walletId: row.wallet_id,
        organizationId: row.organization_id,
        currency: row.currency,
      },
      sequence: BigInt(row.sequence),
      sealedSequence: BigInt(row.last_sequence ?? 0),
      sealedHash: row.last_hash,
    }));
  }

  async readEntries(ranges: readonly EntryRange[]): Promise<readonly SealableEntry[]> {
    const { rows } = await this.client.query<EntryArray>({
      text: READ_ENTRIES,
      rowMode: 'array',
      values: [
        ranges.map((range) => range.walletNo),
        ranges.map((range) => range.firstSequence),
        ranges.map((range) => range.lastSequence),
      ],
    });
    return rows.map(entryFromArray);
  }

  async save(root: SealRoot, seals: readonly Seal[]): Promise<void> {
    await this.client.query(INSERT_ROOT, [
      root.rootNo,
      root.previousRoot,
      root.merkleRoot,
      root.root,
      joinHashes(root.leaves),
      root.walletCount,
      root.entryCount,
      new Date(root.sealedAtMs),
    ]);
    await this.client.query(INSERT_SEALS, [
      seals.map((seal) => seal.walletNo),
      seals.map((seal) => seal.firstSequence),
      seals.map((seal) => seal.lastSequence),
      seals.map((seal) => seal.rootNo),
      seals.map((seal) => seal.leafIndex),
      seals.map((seal) => joinHashes(seal.hashes)),
    ]);
  }
}

interface UnsealedRow {
  wallet_no: string;
  wallet_id: string;
  organization_id: string;
  currency: string;
  sequence: string;
  last_sequence: string | null;
  last_hash: string | null;
}
