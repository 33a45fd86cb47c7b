-- What the ledger at full strength needs: custom units, policies, escrows, credit that lapsed but may come back.
-- Owned by apps/wallet-ledger.

ALTER TABLE "wallet_ledger"."wallet"
  DROP CONSTRAINT "wallet_currency_check",
  ADD CONSTRAINT "wallet_currency_check" CHECK ("currency" ~ '^([A-Z]{3}|[a-z][a-z0-9_]{3,31})$'),
  -- Rejections of the wallet: while it is 0, no batch looks for them.
  ADD COLUMN "rejected_count" bigint NOT NULL DEFAULT 0,
  -- Usage that arrives so long after it occurred may still be paid by credit that lapsed meanwhile.
  ADD COLUMN "late_usage_grace_ms" bigint NOT NULL DEFAULT 172800000 CHECK ("late_usage_grace_ms" >= 0),
  -- A capture that comes after its hold expired posts all the same.
  ADD COLUMN "settles_late" boolean NOT NULL DEFAULT false,
  -- What authorization does while the hot balances are not to be trusted.
  ADD COLUMN "outage_policy" text NOT NULL DEFAULT 'closed' CHECK ("outage_policy" IN ('closed', 'open_with_budget', 'open')),
  ADD COLUMN "outage_budget_micros" bigint NOT NULL DEFAULT 0 CHECK ("outage_budget_micros" >= 0);

-- Booked as breakage, kept apart from what was spent: late usage may draw on it again.
ALTER TABLE "wallet_ledger"."credit_block"
  ADD COLUMN "expired_micros" bigint NOT NULL DEFAULT 0 CHECK ("expired_micros" >= 0);

-- An extension moves no money: the only entry of zero. A fee moves money past the wallet.
ALTER TABLE "wallet_ledger"."entry"
  DROP CONSTRAINT "entry_amount_micros_check",
  DROP CONSTRAINT "entry_check",
  ADD CONSTRAINT "entry_amount_check" CHECK ("amount_micros" >= 0),
  ADD CONSTRAINT "entry_accounts_check" CHECK ("from_account" <> "to_account" OR "amount_micros" = 0);

-- Money set aside: for a lease, a refund under way, a dispute. Still the wallet's, but nobody else's to spend.
CREATE TABLE "wallet_ledger"."escrow" (
  "wallet_no" bigint NOT NULL REFERENCES "wallet_ledger"."wallet" ("wallet_no"),
  "escrow_id" text NOT NULL,
  "kind" text NOT NULL CHECK ("kind" IN ('lease', 'refund', 'dispute')),
  "state" text NOT NULL CHECK ("state" IN ('open', 'closing', 'closed')),
  -- What it was opened for: unique within the wallet, so that opening twice is opening once.
  "reference" text NOT NULL,
  "holder" text,
  "granted_micros" bigint NOT NULL CHECK ("granted_micros" >= 0),
  "spent_micros" bigint NOT NULL DEFAULT 0 CHECK ("spent_micros" >= 0),
  -- What is left of it: [{"block": sequence or null, "amount": micros as text}], in the order of spending.
  "slices" jsonb NOT NULL,
  "opened_at" timestamptz(3) NOT NULL,
  "expires_at" timestamptz(3),
  "closed_at" timestamptz(3),
  PRIMARY KEY ("wallet_no", "escrow_id"),
  UNIQUE ("wallet_no", "reference")
);
CREATE INDEX "escrow_open_idx" ON "wallet_ledger"."escrow" ("wallet_no") WHERE "state" <> 'closed';
CREATE INDEX "escrow_due_idx" ON "wallet_ledger"."escrow" ("expires_at") WHERE "state" <> 'closed' AND "expires_at" IS NOT NULL;
CREATE TRIGGER "escrow_keep" BEFORE DELETE OR TRUNCATE ON "wallet_ledger"."escrow"
  FOR EACH STATEMENT EXECUTE FUNCTION "wallet_ledger"."refuse_change"();

GRANT SELECT, INSERT, UPDATE ON "wallet_ledger"."escrow" TO "orbit_wallet_ledger";

-- The same transaction moves the version of the entry's wallet and fails when that wallet is not there, so
-- asking for it once more per row bought nothing; the audit looks for entries without a wallet.
ALTER TABLE "wallet_ledger"."entry" DROP CONSTRAINT "entry_wallet_no_fkey";
ALTER TABLE "wallet_ledger"."rejection" DROP CONSTRAINT "rejection_wallet_no_fkey";

-- Charges rewrite what is left of a block and the balance of a wallet all day. PostgreSQL can do that in place (a HOT
-- update) only while no index is touched, not even by its predicate, and while the page has room.
ALTER TABLE "wallet_ledger"."credit_block"
  ADD COLUMN "is_drained" boolean GENERATED ALWAYS AS ("remaining_micros" = 0 AND "expired_micros" = 0) STORED;
DROP INDEX "wallet_ledger"."credit_block_left_idx";
DROP INDEX "wallet_ledger"."credit_block_expiry_idx";
CREATE INDEX "credit_block_left_idx" ON "wallet_ledger"."credit_block" ("wallet_no") WHERE NOT "is_drained";
CREATE INDEX "credit_block_expiry_idx" ON "wallet_ledger"."credit_block" ("expires_at")
  WHERE NOT "is_drained" AND "expires_at" IS NOT NULL;
ALTER TABLE "wallet_ledger"."credit_block" SET (fillfactor = 60);
ALTER TABLE "wallet_ledger"."wallet" SET (fillfactor = 60);
