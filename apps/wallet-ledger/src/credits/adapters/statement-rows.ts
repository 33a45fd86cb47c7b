import type { StatementRow } from '../domain/statement.js';
import type { StatementType } from '../domain/statement-effects.js';

/** Of `s`, under names of their own, beside those of a block. */
export const ROW_COLUMNS = `s.number AS s_number, s.type AS s_type, s.amount_micros AS s_amount, s.starting_micros AS s_starting,
  s.ending_micros AS s_ending, s.block_sequence AS s_block, s.created_at AS s_created_at, s.description AS s_description,
  s.metadata AS s_metadata, s.new_expiry_at AS s_new_expiry_at, s.void_reason AS s_void_reason, s.void_micros AS s_void,
  s.day::text AS s_day, s.channel AS s_channel, s.last_sequence AS s_last,
  s.price_id AS s_price, s.invoice_id AS s_invoice`;

export interface RowRow {
  s_number: string;
  s_type: string;
  s_amount: string;
  s_starting: string;
  s_ending: string;
  s_block: string | null;
  s_created_at: Date;
  s_description: string | null;
  s_metadata: Record<string, string>;
  s_new_expiry_at: Date | null;
  s_void_reason: string | null;
  s_void: string | null;
  s_day: string | null;
  s_channel: string | null;
  s_last: string;
  s_price: string | null;
  s_invoice: string | null;
}

export const rowFromRow = (row: RowRow): StatementRow => ({
  number: BigInt(row.s_number),
  type: row.s_type as StatementType,
  amountMicros: BigInt(row.s_amount),
  startingMicros: BigInt(row.s_starting),
  endingMicros: BigInt(row.s_ending),
  blockSequence: row.s_block === null ? null : BigInt(row.s_block),
  createdAtMs: row.s_created_at.getTime(),
  description: row.s_description,
  metadata: row.s_metadata,
  newExpiryAtMs: row.s_new_expiry_at?.getTime() ?? null,
  voidReason: row.s_void_reason,
  voidMicros: row.s_void === null ? null : BigInt(row.s_void),
  day: row.s_day,
  channel: row.s_channel,
  lastSequence: BigInt(row.s_last),
  priceId: row.s_price,
  invoiceId: row.s_invoice,
});

/** New rows, and rows of charges that grew: of those only amounts, balances and the last entry change. */
export const SAVE_ROWS = `
  INSERT INTO wallet_ledger.statement (wallet_no, number, type, amount_micros, starting_micros, ending_micros,
    block_sequence, created_at, description, metadata, new_expiry_at, void_reason, void_micros, day, channel, last_sequence,
    price_id, invoice_id)
  SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::timestamptz[], $9::text[], $10::jsonb[], $11::timestamptz[], $12::text[], $13::bigint[], $14::date[], $15::text[],
    $16::bigint[], $17::text[], $18::text[])
  ON CONFLICT (wallet_no, number) DO UPDATE SET amount_micros = excluded.amount_micros,
    starting_micros = excluded.starting_micros, ending_micros = excluded.ending_micros,
    last_sequence = excluded.last_sequence`;

const instantOrNull = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

export const savedColumns = (walletNo: bigint, rows: readonly StatementRow[]) => [
  walletNo,
  rows.map((row) => row.number),
  rows.map((row) => row.type),
  rows.map((row) => row.amountMicros),
  rows.map((row) => row.startingMicros),
  rows.map((row) => row.endingMicros),
  rows.map((row) => row.blockSequence),
  rows.map((row) => new Date(row.createdAtMs)),
  rows.map((row) => row.description),
  rows.map((row) => JSON.stringify(row.metadata)),
  rows.map((row) => instantOrNull(row.newExpiryAtMs)),
  rows.map((row) => row.voidReason),
  rows.map((row) => row.voidMicros),
  rows.map((row) => row.day),
  rows.map((row) => row.channel),
  rows.map((row) => row.lastSequence),
  rows.map((row) => row.priceId),
  rows.map((row) => row.invoiceId),
];
