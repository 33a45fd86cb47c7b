-- What was set aside for a lease, when it was opened and with each renewal. Owned by apps/wallet-ledger.
-- Append only: Σ amount_micros of a lease is what it was granted, and the same reference never grants twice.
CREATE TABLE "wallet_ledger"."lease_grant" (
  "wallet_no" bigint NOT NULL,
  -- Made by the caller; unique within the wallet.
  "reference" text NOT NULL,
  "escrow_id" text NOT NULL,
  -- 0 when a renewal gives time alone.
  "amount_micros" bigint NOT NULL CHECK ("amount_micros" >= 0),
  -- 0 when a renewal gives money alone.
  "ttl_ms" bigint NOT NULL CHECK ("ttl_ms" >= 0),
  "granted_at" timestamptz(3) NOT NULL,
  PRIMARY KEY ("wallet_no", "reference"),
  FOREIGN KEY ("wallet_no", "escrow_id") REFERENCES "wallet_ledger"."escrow" ("wallet_no", "escrow_id")
);
CREATE TRIGGER "lease_grant_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "wallet_ledger"."lease_grant"
  FOR EACH STATEMENT EXECUTE FUNCTION "wallet_ledger"."refuse_change"();
-- Leases are found by their id alone, and listed newest first.
CREATE INDEX "escrow_lease_idx" ON "wallet_ledger"."escrow" ("wallet_no", "escrow_id" DESC) WHERE "kind" = 'lease';
-- Refunds and disputes are found by the payment that they claim back (their holder).
CREATE INDEX "escrow_payment_idx" ON "wallet_ledger"."escrow" ("wallet_no", "holder") WHERE "kind" <> 'lease';

GRANT SELECT, INSERT ON "wallet_ledger"."lease_grant" TO "orbit_wallet_ledger";
