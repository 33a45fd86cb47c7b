-- Owned by apps/checkout: money that goes back. Amounts in minor units of the payment's currency.

CREATE TABLE checkout.refund (
  -- Of ours ref_…; of one that was made at Stripe its id there, so that two readers make one row.
  id text PRIMARY KEY,
  organization_id text NOT NULL CHECK (length(organization_id) BETWEEN 1 AND 64),
  topup_id text NOT NULL REFERENCES checkout.topup (id),
  payment_intent_id text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('api', 'dashboard')),
  -- The caller's; unique in the organization, for ever.
  idempotency_key text,
  body_hash text,
  -- What was asked for; null: everything that could be refunded then.
  asked_minor bigint CHECK (asked_minor > 0),
  -- What is paid back; known once the ledger has set it aside.
  amount_minor bigint CHECK (amount_minor > 0),
  -- The same in the unit of the wallet.
  amount_micros bigint CHECK (amount_micros > 0),
  currency text NOT NULL,
  reason text,
  state text NOT NULL CHECK (state IN ('requested', 'refused', 'reserved', 'pending', 'succeeded', 'failed')),
  failure_reason text,
  -- What could have been refunded when it was refused.
  refundable_minor bigint CHECK (refundable_minor >= 0),
  refundable_micros bigint CHECK (refundable_micros >= 0),
  stripe_refund_id text UNIQUE,
  -- Counts answers of Stripe that it would repeat for the same key.
  attempt integer NOT NULL DEFAULT 0,
  -- The last of its facts that was written for the ledger.
  told text CHECK (told IN ('completed', 'failed')),
  refunded_at timestamptz(3),
  next_check_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  UNIQUE (organization_id, idempotency_key),
  CHECK ((origin = 'api') = (idempotency_key IS NOT NULL)),
  CHECK ((idempotency_key IS NULL) = (body_hash IS NULL)),
  CHECK ((state IN ('reserved', 'pending', 'succeeded')) <= (amount_minor IS NOT NULL AND amount_micros IS NOT NULL)),
  CHECK ((state IN ('pending', 'succeeded')) <= (stripe_refund_id IS NOT NULL)),
  CHECK ((state IN ('refused', 'failed')) <= (failure_reason IS NOT NULL))
);

CREATE INDEX refund_topup_idx ON checkout.refund (topup_id);
CREATE INDEX refund_organization_idx ON checkout.refund (organization_id, created_at, id);
-- What the recovery job looks at: under way, or ended and not told yet.
CREATE INDEX refund_due_idx ON checkout.refund (next_check_at)
  WHERE state IN ('requested', 'reserved', 'pending')
    OR (state = 'succeeded' AND told IS NULL)
    OR (state = 'failed' AND told IS DISTINCT FROM 'failed');

GRANT SELECT, INSERT ON checkout.refund TO orbit_checkout;
GRANT UPDATE (
  amount_minor, amount_micros, state, failure_reason, refundable_minor, refundable_micros, stripe_refund_id,
  attempt, told, refunded_at, next_check_at, updated_at
) ON checkout.refund TO orbit_checkout;

CREATE TABLE checkout.dispute (
  -- Stripe's.
  id text PRIMARY KEY,
  organization_id text NOT NULL CHECK (length(organization_id) BETWEEN 1 AND 64),
  topup_id text NOT NULL REFERENCES checkout.topup (id),
  payment_intent_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  currency text NOT NULL,
  reason text NOT NULL,
  -- An inquiry moves no money.
  state text NOT NULL CHECK (state IN ('inquiry', 'open', 'inquiry_closed', 'won', 'lost')),
  fee_minor bigint NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
  evidence_due_at timestamptz(3),
  told text CHECK (told IN ('opened', 'closed')),
  opened_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  next_check_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);

CREATE INDEX dispute_topup_idx ON checkout.dispute (topup_id);
CREATE INDEX dispute_opened_idx ON checkout.dispute (opened_at, id);
CREATE INDEX dispute_due_idx ON checkout.dispute (next_check_at)
  WHERE state IN ('inquiry', 'open') OR (state IN ('won', 'lost') AND told IS DISTINCT FROM 'closed');

GRANT SELECT, INSERT ON checkout.dispute TO orbit_checkout;
GRANT UPDATE (
  amount_minor, amount_micros, reason, state, fee_minor, evidence_due_at, told, closed_at, next_check_at, updated_at
) ON checkout.dispute TO orbit_checkout;

-- Owned by apps/wallet-ledger: entries that stand for money at Stripe (from stripe_clearing or refunds, to refunds or
-- disputes), found by time. Charges are none of them.
CREATE INDEX entry_payment_idx ON wallet_ledger.entry (booked_at, wallet_no, sequence)
  WHERE from_account IN (3, 6) OR to_account IN (6, 7);
