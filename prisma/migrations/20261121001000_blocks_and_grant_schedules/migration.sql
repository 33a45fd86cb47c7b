-- Credit blocks that can be voided and whose sums follow exactly from their entries; grants that repeat.
-- Owned by apps/wallet-ledger.

ALTER TABLE "wallet_ledger"."credit_block"
  -- What of it repaid the overdraft when it came in: no entry says so, because no money moved.
  ADD COLUMN "repaid_micros" bigint NOT NULL DEFAULT 0 CHECK ("repaid_micros" >= 0),
  ADD COLUMN "voided_at" timestamptz(3);

-- Books from before: both follow from the entries.
UPDATE "wallet_ledger"."credit_block" b
SET "repaid_micros" = b."amount_micros" - b."remaining_micros" - e."net_taken", "expired_micros" = e."expired"
FROM (
  SELECT k."wallet_no", k."sequence",
    coalesce(sum(CASE WHEN e."from_account" = 1 THEN e."amount_micros" ELSE -e."amount_micros" END), 0) AS "net_taken",
    coalesce(sum(e."amount_micros") FILTER (WHERE e."type" = 4), 0)
      - coalesce(sum(e."amount_micros") FILTER (WHERE e."type" = 13), 0) AS "expired"
  FROM "wallet_ledger"."credit_block" k
  LEFT JOIN "wallet_ledger"."entry" e ON e."wallet_no" = k."wallet_no" AND e."block_sequence" = k."sequence"
    AND e."sequence" <> k."sequence"
  GROUP BY k."wallet_no", k."sequence"
) e
WHERE e."wallet_no" = b."wallet_no" AND e."sequence" = b."sequence";

-- Reversals of a charge that was debt look for the credit that repaid it.
CREATE INDEX "credit_block_repaid_idx" ON "wallet_ledger"."credit_block" ("wallet_no") WHERE "repaid_micros" > 0;

-- What escrows give back of a voided block leaves by the sweep.
CREATE INDEX "credit_block_voided_idx" ON "wallet_ledger"."credit_block" ("voided_at")
  WHERE NOT "is_drained" AND "voided_at" IS NOT NULL;

-- A grant that repeats. Period n begins n cadences after the anchor, in the civil time of its zone, and is granted
-- under the reference "schedule:<id>:<n>": once, however often the job dies.
CREATE TABLE "wallet_ledger"."grant_schedule" (
  "schedule_id" text PRIMARY KEY,
  "wallet_no" bigint NOT NULL REFERENCES "wallet_ledger"."wallet" ("wallet_no"),
  -- Made by the caller: creating twice is creating once.
  "reference" text NOT NULL,
  "kind" text NOT NULL CHECK ("kind" IN ('paid', 'promotional')),
  "priority" integer NOT NULL,
  "cost_basis_micros" bigint NOT NULL CHECK ("cost_basis_micros" >= 0),
  "amount_micros" bigint NOT NULL CHECK ("amount_micros" > 0),
  "cadence" text NOT NULL CHECK ("cadence" IN ('day', 'week', 'month', 'year')),
  "anchor_at" timestamptz(3) NOT NULL,
  "time_zone" text NOT NULL,
  -- Credit of a period lapses with it, but for what rolls over.
  "expires_with_period" boolean NOT NULL,
  "rollover_cap_micros" bigint NOT NULL DEFAULT 0 CHECK ("rollover_cap_micros" >= 0),
  "rollover_periods_max" integer NOT NULL DEFAULT 0 CHECK ("rollover_periods_max" >= 0),
  -- First instant at which no further period begins; null never.
  "ends_at" timestamptz(3),
  "next_period" integer NOT NULL DEFAULT 0 CHECK ("next_period" >= 0),
  -- When the next period begins; null when there is none.
  "next_at" timestamptz(3),
  "created_at" timestamptz(3) NOT NULL,
  "cancelled_at" timestamptz(3),
  UNIQUE ("wallet_no", "reference"),
  CHECK ("cancelled_at" IS NULL OR "next_at" IS NULL),
  CHECK ("expires_with_period" OR "rollover_periods_max" = 0)
);
CREATE INDEX "grant_schedule_due_idx" ON "wallet_ledger"."grant_schedule" ("next_at") WHERE "next_at" IS NOT NULL;
CREATE TRIGGER "grant_schedule_keep" BEFORE DELETE OR TRUNCATE ON "wallet_ledger"."grant_schedule"
  FOR EACH STATEMENT EXECUTE FUNCTION "wallet_ledger"."refuse_change"();

GRANT SELECT, INSERT, UPDATE ON "wallet_ledger"."grant_schedule" TO "orbit_wallet_ledger";
