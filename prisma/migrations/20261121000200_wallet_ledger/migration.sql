-- Owned by apps/wallet-ledger, the only writer of balances. Amounts are micros (1e-6 of the currency unit).

-- Accounts that entries move money between; the codes are ACCOUNTS in the domain.
CREATE TABLE "wallet_ledger"."account" (
  "code" smallint PRIMARY KEY,
  "name" text NOT NULL UNIQUE
);
INSERT INTO "wallet_ledger"."account" ("code", "name") VALUES
  (1, 'wallet'), (2, 'revenue'), (3, 'stripe_clearing'), (4, 'promo'), (5, 'breakage'), (6, 'refunds'),
  (7, 'disputes'), (8, 'dispute_fees'), (9, 'bad_debt'), (10, 'rounding'), (11, 'adjustments');

CREATE TABLE "wallet_ledger"."wallet" (
  "wallet_no" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "wallet_id" text NOT NULL UNIQUE,
  "organization_id" text NOT NULL,
  "currency" text NOT NULL CHECK ("currency" ~ '^[A-Z]{3}$'),
  "balance_micros" bigint NOT NULL DEFAULT 0 CHECK ("balance_micros" <= 9007199254740992),
  "sequence" bigint NOT NULL DEFAULT 0,
  "version" bigint NOT NULL DEFAULT 0,
  "overdraft_micros" bigint NOT NULL DEFAULT 0 CHECK ("overdraft_micros" >= 0),
  "low_balance_micros" bigint,
  "alert_level" text NOT NULL DEFAULT 'depleted' CHECK ("alert_level" IN ('ok', 'low', 'depleted')),
  "paused_reason" text CHECK ("paused_reason" IN ('balance_depleted', 'dispute', 'manual', 'reconciliation')),
  "last_topped_up_at" timestamptz(3),
  "created_at" timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE ("organization_id", "currency")
);

-- A block is named by the entry that brought it in: (wallet_no, sequence).
CREATE TABLE "wallet_ledger"."credit_block" (
  "wallet_no" bigint NOT NULL REFERENCES "wallet_ledger"."wallet" ("wallet_no"),
  "sequence" bigint NOT NULL,
  "kind" text NOT NULL CHECK ("kind" IN ('paid', 'promotional')),
  "priority" integer NOT NULL,
  "cost_basis_micros" bigint NOT NULL CHECK ("cost_basis_micros" >= 0),
  "amount_micros" bigint NOT NULL CHECK ("amount_micros" > 0),
  "remaining_micros" bigint NOT NULL CHECK ("remaining_micros" BETWEEN 0 AND "amount_micros"),
  "effective_at" timestamptz(3) NOT NULL,
  "expires_at" timestamptz(3),
  "created_at" timestamptz(3) NOT NULL,
  PRIMARY KEY ("wallet_no", "sequence")
);
CREATE INDEX "credit_block_left_idx" ON "wallet_ledger"."credit_block" ("wallet_no") WHERE "remaining_micros" > 0;
CREATE INDEX "credit_block_expiry_idx" ON "wallet_ledger"."credit_block" ("expires_at")
  WHERE "remaining_micros" > 0 AND "expires_at" IS NOT NULL;

-- Append only: a correction is a new entry. Every row moves amount_micros from one account to another,
-- so the books balance by construction.
CREATE TABLE "wallet_ledger"."entry" (
  "wallet_no" bigint NOT NULL REFERENCES "wallet_ledger"."wallet" ("wallet_no"),
  "sequence" bigint NOT NULL,
  "type" smallint NOT NULL,
  "from_account" smallint NOT NULL,
  "to_account" smallint NOT NULL,
  "slice" smallint NOT NULL,
  "notices" smallint NOT NULL,
  "amount_micros" bigint NOT NULL CHECK ("amount_micros" > 0),
  "balance_after_micros" bigint NOT NULL,
  "block_sequence" bigint,
  "quantity" integer,
  "occurred_at" timestamptz(3) NOT NULL,
  "booked_at" timestamptz(3) NOT NULL,
  "reference" text NOT NULL,
  "channel" text,
  "metadata" jsonb,
  PRIMARY KEY ("wallet_no", "sequence"),
  CHECK (("from_account" = 1) <> ("to_account" = 1))
);
-- A reference is booked once per wallet: what makes every money write idempotent.
CREATE UNIQUE INDEX "entry_reference_key" ON "wallet_ledger"."entry" ("wallet_no", "reference", "slice");

-- A rejected charge keeps its answer.
CREATE TABLE "wallet_ledger"."rejection" (
  "wallet_no" bigint NOT NULL REFERENCES "wallet_ledger"."wallet" ("wallet_no"),
  "charge_id" text NOT NULL,
  "reason" text NOT NULL,
  "amount_micros" bigint NOT NULL,
  "channel" text NOT NULL,
  "rejected_at" timestamptz(3) NOT NULL,
  PRIMARY KEY ("wallet_no", "charge_id")
);

-- Privileges can be granted by mistake; this cannot be passed by anybody but the owner of the table.
CREATE FUNCTION "wallet_ledger"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append only: % refused; book a new entry instead', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "entry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "wallet_ledger"."entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "wallet_ledger"."refuse_change"();
CREATE TRIGGER "wallet_keep" BEFORE DELETE OR TRUNCATE ON "wallet_ledger"."wallet"
  FOR EACH STATEMENT EXECUTE FUNCTION "wallet_ledger"."refuse_change"();
CREATE TRIGGER "credit_block_keep" BEFORE DELETE OR TRUNCATE ON "wallet_ledger"."credit_block"
  FOR EACH STATEMENT EXECUTE FUNCTION "wallet_ledger"."refuse_change"();

GRANT USAGE ON SCHEMA "wallet_ledger" TO "orbit_wallet_ledger";
GRANT SELECT ON ALL TABLES IN SCHEMA "wallet_ledger" TO "orbit_wallet_ledger";
GRANT INSERT, UPDATE ON "wallet_ledger"."wallet", "wallet_ledger"."credit_block" TO "orbit_wallet_ledger";
GRANT INSERT ON "wallet_ledger"."entry", "wallet_ledger"."rejection" TO "orbit_wallet_ledger";
