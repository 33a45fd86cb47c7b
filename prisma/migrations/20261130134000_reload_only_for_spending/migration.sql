-- Money that leaves must not call for new money (docs/decisions/0019): the ledger reports the charge that comes while
-- a balance is low for another reason, and auto-reload remembers what it has judged.

-- The balance is low and no charge has made it so: the next one is reported as `balance.low`.
ALTER TABLE "wallet_ledger"."wallet" ADD COLUMN "awaits_spend" boolean NOT NULL DEFAULT false;
UPDATE "wallet_ledger"."wallet" SET "awaits_spend" = true
WHERE "alert_level" <> 'ok' AND "low_balance_micros" IS NOT NULL;

-- Takings are rare among entries: auto-reload asks for the first one after a place. Types 2 spend, 4 expiry, 8 dispute;
-- accounts 1 wallet, 3 stripe_clearing.
CREATE INDEX "entry_taking_idx" ON "wallet_ledger"."entry" ("wallet_no", "sequence")
WHERE type = 8 AND to_account = 3 OR from_account = 1 AND to_account <> 1 AND type NOT IN (2, 4);

ALTER TABLE checkout.auto_reload
  -- Why it stands still until somebody goes on: what was taken from the wallet.
  ADD COLUMN paused_reason text
    CHECK (paused_reason IN ('refund', 'dispute', 'void', 'amendment', 'adjustment')),
  ADD COLUMN paused_at timestamptz(3),
  -- What the ledger knows the taking by.
  ADD COLUMN paused_reference text,
  -- Last entry of the wallet that was looked at; null: what was booked since judged_from is not yet.
  ADD COLUMN judged_sequence bigint CHECK (judged_sequence >= 0),
  ADD COLUMN judged_from timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  -- Charges up to this entry call for no payment: somebody went on after them.
  ADD COLUMN arms_after_sequence bigint NOT NULL DEFAULT 0 CHECK (arms_after_sequence >= 0),
  -- The most that one payment takes; null: one step, or the target.
  ADD COLUMN payment_minor_max bigint CHECK (payment_minor_max BETWEEN 1 AND 99999999),
  ADD CONSTRAINT auto_reload_paused_check CHECK (
    (paused_reason IS NULL) = (paused_at IS NULL) AND (paused_reason IS NULL) = (paused_reference IS NULL)
  );

DROP INDEX checkout.auto_reload_next_check_at_idx;
CREATE INDEX auto_reload_next_check_at_idx ON checkout.auto_reload (next_check_at)
  WHERE enabled AND paused_reason IS NULL;

GRANT UPDATE (
  paused_reason, paused_at, paused_reference, judged_sequence, judged_from, arms_after_sequence, payment_minor_max
) ON checkout.auto_reload TO orbit_checkout;
