-- Owned by apps/checkout: top-ups by the saved payment method, their full state machine, auto-reload.

ALTER TABLE checkout.topup
  ADD COLUMN kind text NOT NULL DEFAULT 'hosted' CHECK (kind IN ('hosted', 'off_session', 'auto_reload')),
  ADD COLUMN payment_method_id text,
  -- Where the payer finishes an authentication.
  ADD COLUMN action_url text,
  -- What came, when it came: differs from what was asked for when the top-up is parked.
  ADD COLUMN received_minor bigint CHECK (received_minor >= 0),
  ADD COLUMN received_currency text,
  -- When Stripe showed us the money, and when we first saw it in the ledger.
  ADD COLUMN paid_at timestamptz(3),
  ADD COLUMN booked_at timestamptz(3),
  -- What an operator decided about a parked one, and why.
  ADD COLUMN resolved_at timestamptz(3),
  ADD COLUMN resolution text CHECK (resolution IN ('credit_received', 'dismiss')),
  ADD COLUMN resolution_reason text;

ALTER TABLE checkout.topup
  DROP CONSTRAINT topup_state_check,
  DROP CONSTRAINT topup_check,
  DROP CONSTRAINT topup_check1,
  DROP CONSTRAINT topup_check2;

UPDATE checkout.topup SET state = 'requires_payment' WHERE state = 'session_open';
UPDATE checkout.topup SET paid_at = updated_at, booked_at = updated_at,
  received_minor = amount_minor, received_currency = currency WHERE state = 'succeeded';

ALTER TABLE checkout.topup
  ADD CONSTRAINT topup_state_check CHECK (state IN (
    'created', 'requires_payment', 'requires_action', 'processing', 'failed', 'expired', 'parked',
    'dismissed', 'succeeded', 'refunded_partially', 'refunded', 'disputed'
  )),
  ADD CONSTRAINT topup_paid_check CHECK (
    (state IN ('succeeded', 'refunded_partially', 'refunded', 'disputed'))
      <= (payment_intent_id IS NOT NULL AND received_minor IS NOT NULL AND paid_at IS NOT NULL)
  ),
  ADD CONSTRAINT topup_reason_check CHECK (
    (state IN ('failed', 'expired', 'parked', 'dismissed')) <= (reason IS NOT NULL)
  ),
  ADD CONSTRAINT topup_page_check CHECK (
    (state = 'requires_payment') <= (session_id IS NOT NULL)
  ),
  ADD CONSTRAINT topup_method_check CHECK ((kind = 'hosted') = (payment_method_id IS NULL)),
  ADD CONSTRAINT topup_resolved_check CHECK (
    (resolved_at IS NULL) = (resolution IS NULL) AND (resolved_at IS NULL) = (resolution_reason IS NULL)
  );

DROP INDEX checkout.topup_next_check_at_idx;
CREATE INDEX topup_next_check_at_idx ON checkout.topup (next_check_at)
  WHERE state IN ('created', 'requires_payment', 'requires_action', 'processing');
CREATE INDEX topup_parked_idx ON checkout.topup (id) WHERE state = 'parked';
CREATE INDEX topup_auto_reload_idx ON checkout.topup (organization_id, created_at)
  WHERE kind = 'auto_reload';
-- What auto-reload counts as under way: not ended yet, or paid and not yet seen in the ledger.
CREATE INDEX topup_in_flight_idx ON checkout.topup (organization_id)
  WHERE state IN ('created', 'requires_action', 'processing')
    OR (state = 'succeeded' AND booked_at IS NULL);
-- However many events and instances: one automatic payment of an organization is under way at a time.
CREATE UNIQUE INDEX topup_auto_reload_once_idx ON checkout.topup (organization_id)
  WHERE kind = 'auto_reload' AND (
    state IN ('created', 'requires_action', 'processing') OR (state = 'succeeded' AND booked_at IS NULL)
  );

GRANT UPDATE (
  action_url, received_minor, received_currency, paid_at, booked_at, resolved_at, resolution, resolution_reason
) ON checkout.topup TO orbit_checkout;

-- When to top a wallet up by itself. One policy per organization, because it has one wallet.
CREATE TABLE checkout.auto_reload (
  organization_id text PRIMARY KEY CHECK (length(organization_id) BETWEEN 1 AND 64),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  enabled boolean NOT NULL,
  threshold_minor bigint NOT NULL CHECK (threshold_minor BETWEEN 0 AND 99999999),
  amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 99999999),
  -- Reload up to this instead of in steps of amount_minor.
  target_minor bigint CHECK (target_minor > threshold_minor AND target_minor <= 99999999),
  day_count_max integer CHECK (day_count_max >= 1),
  month_count_max integer CHECK (month_count_max >= 1),
  day_minor_max bigint CHECK (day_minor_max >= 1),
  month_minor_max bigint CHECK (month_minor_max >= 1),
  -- Failures in a row; the third turns the policy off.
  decline_count integer NOT NULL DEFAULT 0 CHECK (decline_count >= 0),
  last_error text,
  last_error_at timestamptz(3),
  disabled_reason text,
  -- A cap is used up until then.
  capped_until timestamptz(3),
  -- No payment before this: the spacing of retries.
  not_before timestamptz(3),
  -- When the balance is looked at next, whether or not an event comes.
  next_check_at timestamptz(3) NOT NULL,
  -- Just switched on: a balance at the threshold counts as below it.
  is_fresh boolean NOT NULL,
  -- The ledger knows the threshold.
  is_pushed boolean NOT NULL,
  -- Grows with every change: a decision from an older reading is made again.
  version bigint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK (enabled <= (disabled_reason IS NULL))
);

CREATE INDEX auto_reload_next_check_at_idx ON checkout.auto_reload (next_check_at) WHERE enabled;

GRANT SELECT, INSERT ON checkout.auto_reload TO orbit_checkout;
GRANT UPDATE (
  currency, enabled, threshold_minor, amount_minor, target_minor, day_count_max, month_count_max, day_minor_max,
  month_minor_max, decline_count, last_error, last_error_at, disabled_reason, capped_until, not_before,
  next_check_at, is_fresh, is_pushed, version, updated_at
) ON checkout.auto_reload TO orbit_checkout;

-- Done events may go after their time (see the retention job); top-ups and customers stay for ever.
GRANT DELETE ON checkout.webhook_inbox, checkout.outbox TO orbit_checkout;
CREATE INDEX webhook_inbox_processed_idx ON checkout.webhook_inbox (received_at) WHERE processed_at IS NOT NULL;
CREATE INDEX outbox_published_idx ON checkout.outbox (published_at) WHERE published_at IS NOT NULL;
