import type { BlockReason } from '@orbit/contracts';
import type { Currency } from '@orbit/money';
import { inTransaction } from '@orbit/runtime';
import type { Pool, PoolClient } from 'pg';
import type { WalletKey } from '../../books/application/ports.js';
import type {
  Advance,
  BreachedWallet,
  CheckRun,
  CurrencyTotals,
  LookRequest,
  ReconcileStore,
  WalletLook,
} from '../application/reconcile-ports.js';
import {
  ACCOUNTS,
  ENTRY_TYPES,
  type Block,
  type Escrow,
  type Wallet,
} from '../../books/domain/wallet.js';
import {
  blockFromRow,
  escrowFromRow,
  walletFromRow,
  type BlockRow,
  type EscrowRow,
} from '../../books/adapters/ledger-store.mapping.js';
import {
  breachesFromRow,
  checkpointFromRow,
  sumsFromRows,
  type LookRow,
  type SumRow,
} from './reconcile-store.mapping.js';
import * as sql from './reconcile-store.sql.js';

/** Checkpoints, breaches and looks on PostgreSQL. */
export class PostgresReconcileStore implements ReconcileStore {
  constructor(private readonly pool: Pool) {}

  look(
    request: LookRequest,
  ): Promise<{ readonly looks: readonly WalletLook[]; readonly end: bigint | null }> {
    return this.snapshot(async (client) => {
      const looks = await readLooks(client, request, false);
      const { rows } = await client.query<{ last: string | null; count: string }>(
        sql.READ_WINDOW_END,
        [request.afterWalletNo, request.limit],
      );
      const [row] = rows;
      const isLast = row?.last == null || Number(row.count) < request.limit;
      return { looks, end: isLast ? null : BigInt(row.last ?? 0) };
    });
  }

  lookFromZero(key: WalletKey): Promise<WalletLook | null> {
    const all = Number.MAX_SAFE_INTEGER;
    const request = {
      keys: [key],
      afterWalletNo: 0n,
      limit: 0,
      entriesPerWallet: all,
      entries: all,
    };
    return this.snapshot(async (client) => (await readLooks(client, request, true))[0] ?? null);
  }

  async advance(wallets: readonly Advance[], nowMs: number): Promise<void> {
    const moves = wallets.flatMap(({ walletNo, currency, moves: list }) =>
      list.map(({ account, amountMicros }) => ({ walletNo, currency, account, amountMicros })),
    );
    await this.pool.query(sql.ADVANCE, [
      wallets.map((wallet) => wallet.walletNo),
      wallets.map((wallet) => wallet.before?.sequence ?? null),
      wallets.map((wallet) => wallet.after.sequence),
      wallets.map((wallet) => wallet.after.balanceMicros),
      wallets.map((wallet) => wallet.after.debtMicros),
      new Date(nowMs),
      moves.map((move) => move.walletNo),
      moves.map((move) => move.currency),
      moves.map((move) => move.account),
      moves.map((move) => move.amountMicros),
    ]);
  }

  async readTotals(withCheckpoints: boolean): Promise<readonly CurrencyTotals[]> {
    const { rows } = await this.pool.query<{
      currency: string;
      sum: string;
      wallets: string;
      checkpoints: string | null;
    }>(sql.READ_TOTALS, [withCheckpoints]);
    return rows.map((row) => ({
      currency: row.currency,
      sumMicros: BigInt(row.sum),
      walletsMicros: BigInt(row.wallets),
      checkpointsMicros: row.checkpoints === null ? null : BigInt(row.checkpoints),
    }));
  }

  async saveBreaches(wallets: readonly BreachedWallet[], nowMs: number): Promise<void> {
    await this.pool.query(sql.SAVE_BREACHES, [
      wallets.map(({ walletNo }) => walletNo),
      wallets.map(({ breaches }) => JSON.stringify(breaches)),
      wallets.map(({ priorReason }) => priorReason),
      new Date(nowMs),
    ]);
  }

  async clearBreaches(walletNo: bigint): Promise<BlockReason | null> {
    const { rows } = await this.pool.query<{ prior_reason: string | null }>(sql.CLEAR_BREACHES, [
      walletNo,
    ]);
    return (rows[0]?.prior_reason ?? null) as BlockReason | null;
  }

  async saveRuns(runs: readonly CheckRun[], nowMs: number): Promise<void> {
    await this.pool.query(sql.SAVE_RUNS, [
      runs.map(({ check }) => check),
      runs.map(({ holds }) => holds),
      runs.map(({ wallets }) => wallets),
      runs.map(({ detail }) => detail),
      new Date(nowMs),
    ]);
  }

  async listWallets(
    organizationId: string,
    currency: Currency | null,
  ): Promise<readonly WalletKey[]> {
    const { rows } = await this.pool.query<{ currency: string }>(
      `SELECT currency FROM wallet_ledger.wallet
       WHERE organization_id = $1 AND ($2::text IS NULL OR currency = $2) ORDER BY wallet_no`,
      [organizationId, currency],
    );
    return rows.map((row) => ({ organizationId, currency: row.currency as Currency }));
  }

  /** Everything that `work` reads is of one instant. */
  private snapshot<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, work, 'snapshot');
  }
}

async function readLooks(
  client: PoolClient,
  request: LookRequest,
  isFromZero: boolean,
): Promise<WalletLook[]> {
  const { rows } = await client.query<LookRow>(sql.READ_LOOKED_AT, [
    request.keys.map((key) => key.organizationId),
    request.keys.map((key) => key.currency),
    request.afterWalletNo,
    request.limit,
  ]);
  const numbers = rows.map((row) => row.wallet_no);
  const blocks = await client.query<BlockRow>(sql.READ_BLOCKS_LEFT, [numbers]);
  const escrows = await client.query<EscrowRow>(sql.READ_OPEN_ESCROWS, [numbers]);
  const blocksOf = grouped(blocks.rows, blockFromRow);
  const escrowsOf = grouped(escrows.rows, escrowFromRow);
  const ranges = rangesOf(rows, request, isFromZero);
  const sums = await client.query<SumRow>(sql.SUM_ENTRIES, [
    numbers,
    ranges.map(({ after }) => after),
    ranges.map(({ upTo }) => upTo),
    ENTRY_TYPES.amendment,
  ]);
  const sumsOf = grouped(sums.rows, (row) => row);
  return rows.map((row, index): WalletLook => {
    const no = row.wallet_no;
    const wallet: Wallet = walletFromRow(row, blocksOf.get(no) ?? [], escrowsOf.get(no) ?? []);
    const upTo = ranges[index]?.upTo ?? 0n;
    return {
      wallet,
      checkpoint: isFromZero ? null : checkpointFromRow(row),
      openBreaches: breachesFromRow(row),
      ...sumsFromRows(sumsOf.get(no) ?? [], upTo, ACCOUNTS.wallet),
    };
  });
}

/** Shares the entries of a run among its wallets; what is left over comes in the next one. */
function rangesOf(
  rows: readonly LookRow[],
  request: LookRequest,
  isFromZero: boolean,
): { readonly after: bigint; readonly upTo: bigint }[] {
  let left = BigInt(request.entries);
  return rows.map((row) => {
    const after = isFromZero ? 0n : BigInt(row.r_sequence ?? 0);
    const wanted = BigInt(row.sequence) - after;
    const most = [wanted, BigInt(request.entriesPerWallet), left].reduce((a, b) => (a < b ? a : b));
    const given = most > 0n ? most : 0n;
    left -= given;
    return { after, upTo: after + given };
  });
}

function grouped<R extends { wallet_no: string }, T extends Block | Escrow | R>(
  rows: readonly R[],
  fromRow: (row: R) => T,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.wallet_no);
    if (group) group.push(fromRow(row));
    else groups.set(row.wallet_no, [fromRow(row)]);
  }
  return groups;
}
