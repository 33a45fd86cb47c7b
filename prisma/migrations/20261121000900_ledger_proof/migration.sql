-- Proof that the books are what they were: seals over entries, roots over seals, and what the live checks found.
-- Owned by apps/wallet-ledger. How the hashes are made: docs/proof.md.

-- One root per interval, chained to the one before. `leaves` keeps the digest of every seal under it, 32 bytes
-- each, so that a forged seal can be named and a Merkle path needs no other row.
CREATE TABLE "wallet_ledger"."seal_root" (
  "root_no" bigint PRIMARY KEY CHECK ("root_no" > 0),
  "previous_root" bytea CHECK (octet_length("previous_root") = 32),
  "merkle_root" bytea NOT NULL CHECK (octet_length("merkle_root") = 32),
  "root" bytea NOT NULL CHECK (octet_length("root") = 32),
  "leaves" bytea NOT NULL,
  "wallet_count" integer NOT NULL CHECK ("wallet_count" > 0),
  "entry_count" integer NOT NULL CHECK ("entry_count" > 0),
  "sealed_at" timestamptz(3) NOT NULL,
  CHECK (octet_length("leaves") = 32 * "wallet_count"),
  CHECK (("previous_root" IS NULL) = ("root_no" = 1))
);

-- A range of one wallet's entries and the chain hash after each, 32 bytes each, so that the first tampered
-- entry can be named. The primary key is the fence: the next range begins where the last one ended, once.
CREATE TABLE "wallet_ledger"."seal" (
  "wallet_no" bigint NOT NULL REFERENCES "wallet_ledger"."wallet" ("wallet_no"),
  "first_sequence" bigint NOT NULL CHECK ("first_sequence" > 0),
  "last_sequence" bigint NOT NULL,
  "root_no" bigint NOT NULL REFERENCES "wallet_ledger"."seal_root" ("root_no"),
  "leaf_index" integer NOT NULL,
  "hashes" bytea NOT NULL,
  PRIMARY KEY ("wallet_no", "first_sequence"),
  CHECK (octet_length("hashes") = 32 * ("last_sequence" - "first_sequence" + 1))
);
-- Hashes do not compress, and the sealer reads nothing but the last one.
ALTER TABLE "wallet_ledger"."seal" ALTER COLUMN "hashes" SET STORAGE EXTERNAL;
ALTER TABLE "wallet_ledger"."seal_root" ALTER COLUMN "leaves" SET STORAGE EXTERNAL;

CREATE TRIGGER "seal_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "wallet_ledger"."seal"
  FOR EACH STATEMENT EXECUTE FUNCTION "wallet_ledger"."refuse_change"();
CREATE TRIGGER "seal_root_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "wallet_ledger"."seal_root"
  FOR EACH STATEMENT EXECUTE FUNCTION "wallet_ledger"."refuse_change"();

-- How far a job has come that must do each thing at least once.
CREATE TABLE "wallet_ledger"."proof_cursor" (
  "name" text PRIMARY KEY,
  "position" bigint NOT NULL
);
INSERT INTO "wallet_ledger"."proof_cursor" ("name", "position") VALUES ('published_root', 0);

-- Per wallet, what the live checks have added up so far: an entry is added once, whoever adds it.
CREATE TABLE "wallet_ledger"."reconciliation" (
  "wallet_no" bigint PRIMARY KEY REFERENCES "wallet_ledger"."wallet" ("wallet_no"),
  "sequence" bigint NOT NULL,
  "balance_micros" bigint NOT NULL,
  -- What the overdraft carried: the sum of what is left of the blocks, less the balance. Null: not known there.
  "debt_micros" bigint,
  "checked_at" timestamptz(3) NOT NULL,
  -- [{check, fact, expected, actual}] while the wallet is frozen for it.
  "breaches" jsonb,
  "breached_at" timestamptz(3),
  -- Why the wallet was paused before it was frozen; it is so again afterwards.
  "prior_reason" text,
  CHECK (("breaches" IS NULL) = ("breached_at" IS NULL))
);
CREATE INDEX "reconciliation_breach_idx" ON "wallet_ledger"."reconciliation" ("breached_at") WHERE "breaches" IS NOT NULL;

-- The trial balance of the entries that were checked; a currency sums to zero over its accounts.
CREATE TABLE "wallet_ledger"."account_total" (
  "currency" text NOT NULL,
  "account" smallint NOT NULL,
  "amount_micros" numeric(38, 0) NOT NULL,
  PRIMARY KEY ("currency", "account")
);

-- When each check was last seen to hold.
CREATE TABLE "wallet_ledger"."ledger_check" (
  "name" text PRIMARY KEY,
  "last_true_at" timestamptz(3),
  "last_run_at" timestamptz(3) NOT NULL,
  "wallets" bigint NOT NULL,
  -- What was found where no single wallet is at fault.
  "detail" text
);

GRANT SELECT, INSERT ON "wallet_ledger"."seal", "wallet_ledger"."seal_root" TO "orbit_wallet_ledger";
GRANT SELECT, UPDATE ON "wallet_ledger"."proof_cursor" TO "orbit_wallet_ledger";
GRANT SELECT, INSERT, UPDATE ON "wallet_ledger"."reconciliation", "wallet_ledger"."account_total",
  "wallet_ledger"."ledger_check" TO "orbit_wallet_ledger";
