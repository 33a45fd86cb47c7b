-- Credit that lapsed long ago is not looked at any more when its wallet is loaded or swept.
-- Owned by apps/wallet-ledger.

-- Written by PostgreSQL itself, and the only thing of a remainder that indexes know: a charge
-- that leaves something touches none of them (20261121000800).
ALTER TABLE "wallet_ledger"."credit_block"
  ADD COLUMN "is_empty" boolean GENERATED ALWAYS AS ("remaining_micros" = 0) STORED;

DROP INDEX "wallet_ledger"."credit_block_left_idx";
DROP INDEX "wallet_ledger"."credit_block_expiry_idx";
DROP INDEX "wallet_ledger"."credit_block_voided_idx";
CREATE INDEX "credit_block_left_idx" ON "wallet_ledger"."credit_block" ("wallet_no") WHERE NOT "is_empty";
CREATE INDEX "credit_block_expiry_idx" ON "wallet_ledger"."credit_block" ("expires_at")
  WHERE NOT "is_empty" AND "expires_at" IS NOT NULL;
CREATE INDEX "credit_block_voided_idx" ON "wallet_ledger"."credit_block" ("voided_at")
  WHERE NOT "is_empty" AND "voided_at" IS NOT NULL;

-- What late usage may still bring back, and by its end what it may not.
CREATE INDEX "credit_block_lapsed_idx" ON "wallet_ledger"."credit_block" ("wallet_no", "expires_at")
  WHERE "is_empty" AND NOT "is_drained";
