-- A block that was deleted over /v1 is shown no more; the statement is told as if it had never been.
ALTER TABLE wallet_ledger.block_terms ADD COLUMN deleted_at timestamptz(3);
GRANT UPDATE (deleted_at) ON wallet_ledger.block_terms TO orbit_wallet_ledger;

-- Rows have other numbers from here on: statements are told anew at their next read.
DELETE FROM wallet_ledger.statement;
UPDATE wallet_ledger.statement_cursor SET sequence = 0, balance_micros = 0, open_from = NULL;
