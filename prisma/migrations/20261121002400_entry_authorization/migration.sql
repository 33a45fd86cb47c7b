-- What authorized a charge, so that it can be explained when Redis has long forgotten its hold.
-- Owned by apps/wallet-ledger.

-- 'hold', or the id of the lease that paid; null: nothing did, and every entry before this
-- migration. No CHECK: it would run for every row of the posting path. Without a default this
-- rewrites no row, and null adds no byte to one.
ALTER TABLE "wallet_ledger"."entry" ADD COLUMN "authorized_by" text;
