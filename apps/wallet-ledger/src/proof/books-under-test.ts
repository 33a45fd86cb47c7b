import { uniqueId } from '@orbit/testing';
import type { Currency } from '@orbit/money';
import type { Pool } from 'pg';
import type { WalletKey } from '../books/application/ports.js';

/** A wallet written by plain SQL, so that the tests of the proof depend on no other part of the ledger. */
export interface TestWallet {
  readonly key: WalletKey;
  readonly walletNo: bigint;
}

/** Opens a wallet with one paid block of `micros`. */
export async function openWallet(
  pool: Pool,
  micros: bigint,
  currency: Currency = 'USD',
): Promise<TestWallet> {
  const organizationId = uniqueId('org');
  const { rows } = await pool.query<{ wallet_no: string }>(
    `WITH opened AS (
       INSERT INTO wallet_ledger.wallet (wallet_id, organization_id, currency, balance_micros, sequence, version, alert_level)
       VALUES ($1, $2, $3, $4, 1, 1, 'ok') RETURNING wallet_no
     ), block AS (
       INSERT INTO wallet_ledger.credit_block (wallet_no, sequence, kind, priority, cost_basis_micros, amount_micros,
         remaining_micros, effective_at, created_at)
       SELECT wallet_no, 1, 'paid', 0, 1000000, $4, $4, now(), now() FROM opened
     ), entry AS (
       INSERT INTO wallet_ledger.entry (wallet_no, sequence, type, from_account, to_account, slice, notices, amount_micros,
         balance_after_micros, block_sequence, occurred_at, booked_at, reference, metadata)
       SELECT wallet_no, 1, 1, 3, 1, 0, 0, $4, $4, 1, now(), now(), 'topup:tu_1', '{"source_reference":"pi_1"}' FROM opened
     ) SELECT wallet_no FROM opened`,
    [uniqueId('wal'), organizationId, currency, micros],
  );
  return { key: { organizationId, currency }, walletNo: BigInt(rows[0]?.wallet_no ?? 0) };
}

/** Books `count` charges of `micros` each against the first block, in one transaction. */
export async function spend(
  pool: Pool,
  { walletNo }: TestWallet,
  count: number,
  micros = 7_500n,
): Promise<void> {
  await pool.query(
    `WITH moved AS (
       UPDATE wallet_ledger.wallet SET balance_micros = balance_micros - $3 * $2::bigint,
         sequence = sequence + $2::bigint, version = version + 1 WHERE wallet_no = $1
       RETURNING sequence - $2::bigint AS before, balance_micros + $3 * $2::bigint AS balance
     ), block AS (
       UPDATE wallet_ledger.credit_block SET remaining_micros = remaining_micros - $3 * $2::bigint
       WHERE wallet_no = $1 AND sequence = 1
     )
     INSERT INTO wallet_ledger.entry (wallet_no, sequence, type, from_account, to_account, slice, notices, amount_micros,
       balance_after_micros, block_sequence, quantity, occurred_at, booked_at, reference, channel, metadata)
     SELECT $1, before + n, 2, 1, 2, 0, 0, $3::bigint, balance - $3::bigint * n, 1, 1,
       now() - interval '1.234 seconds', now(), 'charge:c_' || (before + n), 'sms',
       jsonb_build_object('country', '1', 'note', 'é "quoted"', 'n', n)
     FROM moved, generate_series(1, $2::bigint) AS n`,
    [walletNo, count, micros],
  );
}
