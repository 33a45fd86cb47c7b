-- A seal is written beside its root, in the same transaction, and for a wallet that this transaction has just read;
-- wallets and roots are never deleted. Asking for both once more per row was most of what sealing cost: it locked
-- the row of every wallet that was sealed, which the next charge of that wallet rewrites. `ledger verify` recomputes
-- every seal from wallets, entries and roots, so one that belongs to none of them is found.
ALTER TABLE "wallet_ledger"."seal" DROP CONSTRAINT "seal_wallet_no_fkey";
ALTER TABLE "wallet_ledger"."seal" DROP CONSTRAINT "seal_root_no_fkey";
