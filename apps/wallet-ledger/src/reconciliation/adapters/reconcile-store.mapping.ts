import type { AccountMove } from '../application/reconcile-ports.js';
import type { Breach, Checkpoint, EntrySums } from '../domain/reconcile.js';
import type { WalletRow } from '../../books/adapters/ledger-store.mapping.js';

export interface LookRow extends WalletRow {
  r_sequence: string | null;
  r_balance_micros: string | null;
  r_debt_micros: string | null;
  r_breaches: Breach[] | null;
}

/** One kind of movement of one wallet; all but the last column are null when there was none. */
export interface SumRow {
  wallet_no: string;
  from_account: number | null;
  to_account: number | null;
  is_overdraft: boolean | null;
  is_own: boolean | null;
  amount_micros: string | null;
  count: string | null;
  balance_after_micros: string | null;
}

export function checkpointFromRow(row: LookRow): Checkpoint | null {
  if (row.r_sequence === null || row.r_balance_micros === null) return null;
  return {
    sequence: BigInt(row.r_sequence),
    balanceMicros: BigInt(row.r_balance_micros),
    debtMicros: row.r_debt_micros === null ? null : BigInt(row.r_debt_micros),
  };
}

export const breachesFromRow = (row: LookRow): readonly Breach[] | null => row.r_breaches;

/** Sums the kinds of movement for the wallet, and for every account. */
export function sumsFromRows(
  rows: readonly SumRow[],
  upTo: bigint,
  walletAccount: number,
): { readonly sums: EntrySums; readonly moves: readonly AccountMove[] } {
  let [count, deltaMicros, overdrawnMicros] = [0n, 0n, 0n];
  let [overdraftReturnedMicros, newBlocksMicros] = [0n, 0n];
  const totals = new Map<number, bigint>();
  const last = rows[0]?.balance_after_micros ?? null;
  for (const row of rows) {
    const { from_account: from, to_account: to } = row;
    if (from === null || to === null || row.amount_micros === null) continue;
    const amount = BigInt(row.amount_micros);
    count += BigInt(row.count ?? 0);
    totals.set(to, (totals.get(to) ?? 0n) + amount);
    totals.set(from, (totals.get(from) ?? 0n) - amount);
    if (from === to) continue;
    if (to === walletAccount) {
      deltaMicros += amount;
      if (row.is_overdraft) overdraftReturnedMicros += amount;
      if (row.is_own) newBlocksMicros += amount;
    } else if (from === walletAccount) {
      deltaMicros -= amount;
      if (row.is_overdraft) overdrawnMicros += amount;
    }
  }
  const lastBalanceMicros = last === null ? null : BigInt(last);
  const moved = { overdrawnMicros, overdraftReturnedMicros, newBlocksMicros };
  return {
    sums: { upTo, count, deltaMicros, lastBalanceMicros, ...moved },
    moves: [...totals].map(([account, amountMicros]) => ({ account, amountMicros })),
  };
}
