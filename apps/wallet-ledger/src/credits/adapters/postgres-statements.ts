import { inTransaction } from '@orbit/runtime';
import type { Pool, PoolClient } from 'pg';
import { entryFromRow, type EntryRow } from '../../books/adapters/ledger-store.mapping.js';
import type { Entry } from '../../books/domain/wallet.js';
import type { StatementQuery, Statements, RowWithBlock } from '../application/credit-ports.js';
import { deleteReference } from '../domain/delete-block.js';
import {
  EMPTY_STATEMENT,
  NO_DELETIONS,
  projectStatement,
  type Deletions,
  type StatementRow,
  type StatementState,
} from '../domain/statement.js';
import {
  boundsOf,
  BLOCK_WITH_TERMS,
  blockFromTermsRow,
  type BlockWithTermsRow,
} from './postgres-credit-blocks.js';
import { ROW_COLUMNS, rowFromRow, SAVE_ROWS, savedColumns, type RowRow } from './statement-rows.js';
import { localDay } from './local-day.js';

/** Entries that one transaction adds: some tenths of a second. */
const ENTRIES_MAX = 5_000;

/** The statement as a table that follows the entries; whoever reads brings it up to date first. */
export class PostgresStatements implements Statements {
  constructor(private readonly pool: Pool) {}

  async list(walletNo: bigint, timezone: string, query: StatementQuery): Promise<RowWithBlock[]> {
    await this.catchUp(walletNo, timezone);
    const { rows } = await this.pool.query<RowRow & Partial<BlockWithTermsRow>>(
      `SELECT ${BLOCK_WITH_TERMS}, ${ROW_COLUMNS} FROM wallet_ledger.statement s
       LEFT JOIN wallet_ledger.credit_block b ON b.wallet_no = s.wallet_no AND b.sequence = s.block_sequence
       LEFT JOIN wallet_ledger.block_terms t ON t.wallet_no = s.wallet_no AND t.sequence = s.block_sequence
       WHERE s.wallet_no = $1 AND ($2::bigint IS NULL OR s.number < $2) AND ($3::text IS NULL OR s.type = $3)
         AND ($4::bigint IS NULL OR abs(s.amount_micros) >= $4)
         AND ($5::timestamptz IS NULL OR s.created_at >= $5) AND ($6::timestamptz IS NULL OR s.created_at > $6)
         AND ($7::timestamptz IS NULL OR s.created_at < $7) AND ($8::timestamptz IS NULL OR s.created_at <= $8)
       ORDER BY s.number DESC LIMIT $9`,
      [
        ...[walletNo, query.beforeNumber, query.type, query.amountMinMicros],
        ...[...boundsOf(query.created), query.limit],
      ],
    );
    return rows.map((row) => ({
      row: rowFromRow(row),
      block: row.sequence ? blockFromTermsRow(row as RowRow & BlockWithTermsRow) : null,
    }));
  }

  async decrementedOf(walletNo: bigint, timezone: string, blockSequence: bigint): Promise<bigint> {
    await this.catchUp(walletNo, timezone);
    const { rows } = await this.pool.query<{ sum: string }>(
      // Charges have a day; they are given back by reversals.
      `SELECT coalesce(-sum(amount_micros), 0) AS sum FROM wallet_ledger.statement
       WHERE wallet_no = $1 AND block_sequence = $2 AND type = 'decrement' AND day IS NULL`,
      [walletNo, blockSequence],
    );
    return BigInt(rows[0]?.sum ?? 0);
  }

  private async catchUp(walletNo: bigint, timezone: string): Promise<void> {
    while (await this.step(walletNo, localDay(timezone)));
  }

  /** Returns whether there may be more to add. */
  private async step(walletNo: bigint, dayOf: (atMs: number) => string): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      const state = await lockState(client, walletNo);
      const { rows: entries } = await client.query<EntryRow>(
        `SELECT * FROM wallet_ledger.entry WHERE wallet_no = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
        [walletNo, state.sequence, ENTRIES_MAX],
      );
      if (entries.length > 0) {
        const deletions = await readDeletions(client, walletNo);
        const added = projectStatement(state, entries.map(entryFromRow), dayOf, deletions);
        await client.query(SAVE_ROWS, savedColumns(walletNo, added.rows));
        await saveState(client, walletNo, added.state);
      }
      return entries.length === ENTRIES_MAX;
    });
  }
}

/** After the cursor is locked: a deletion resets it. */
async function readDeletions(client: PoolClient, walletNo: bigint): Promise<Deletions> {
  const { rows: deleted } = await client.query<{ sequence: string }>(
    'SELECT sequence FROM wallet_ledger.block_terms WHERE wallet_no = $1 AND deleted_at IS NOT NULL',
    [walletNo],
  );
  if (deleted.length === 0) return NO_DELETIONS;
  const blocks = new Set(deleted.map(({ sequence }) => BigInt(sequence)));
  const { rows } = await client.query<EntryRow>(
    // Type 2 is a spend.
    `SELECT * FROM wallet_ledger.entry WHERE wallet_no = $1 AND reference = ANY ($2) AND type = 2 ORDER BY sequence`,
    [walletNo, [...blocks].map(deleteReference)],
  );
  const redraws = new Map<bigint, Entry[]>();
  for (const entry of rows.map(entryFromRow)) {
    if (entry.blockSequence !== null && blocks.has(entry.blockSequence)) continue;
    const standsFor = BigInt(String(entry.metadata?.['stands_for']));
    redraws.set(standsFor, [...(redraws.get(standsFor) ?? []), entry]);
  }
  return { blocks, redraws };
}

async function lockState(client: PoolClient, walletNo: bigint): Promise<StatementState> {
  const { rows } = await client.query<{
    sequence: string;
    balance_micros: string;
    open_from: string | null;
  }>(
    `INSERT INTO wallet_ledger.statement_cursor AS c (wallet_no, sequence, balance_micros) VALUES ($1, 0, 0)
     ON CONFLICT (wallet_no) DO UPDATE SET sequence = c.sequence RETURNING sequence, balance_micros, open_from`,
    [walletNo],
  );
  const [cursor] = rows;
  if (!cursor) return EMPTY_STATEMENT;
  const { sequence, balance_micros: balance, open_from: from } = cursor;
  const open = from === null ? [] : await readFrom(client, walletNo, from);
  return { sequence: BigInt(sequence), balanceMicros: BigInt(balance), open };
}

async function readFrom(
  client: PoolClient,
  walletNo: bigint,
  from: string,
): Promise<StatementRow[]> {
  const { rows } = await client.query<RowRow>(
    `SELECT ${ROW_COLUMNS} FROM wallet_ledger.statement s WHERE wallet_no = $1 AND number >= $2 ORDER BY number`,
    [walletNo, from],
  );
  return rows.map(rowFromRow);
}

async function saveState(
  client: PoolClient,
  walletNo: bigint,
  { sequence, balanceMicros, open }: StatementState,
): Promise<void> {
  await client.query(
    `UPDATE wallet_ledger.statement_cursor SET sequence = $2, balance_micros = $3, open_from = $4 WHERE wallet_no = $1`,
    [walletNo, sequence, balanceMicros, open[0]?.number ?? null],
  );
}
