-- Owned by apps/checkout: top-ups, what Stripe told us, and what we have yet to tell the others.

-- The Stripe customer of an organization. `generation` counts replacements of a customer that Stripe no longer knows.
CREATE TABLE checkout.stripe_customer (
  organization_id text PRIMARY KEY CHECK (length(organization_id) BETWEEN 1 AND 64),
  customer_id text NOT NULL,
  generation integer NOT NULL DEFAULT 0 CHECK (generation >= 0),
  created_at timestamptz(3) NOT NULL
);

CREATE TABLE checkout.topup (
  id text PRIMARY KEY,
  organization_id text NOT NULL CHECK (length(organization_id) BETWEEN 1 AND 64),
  idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 8 AND 255),
  -- SHA-256 of the request's meaning, hexadecimal: the same key with another hash is a conflict.
  body_hash text NOT NULL CHECK (body_hash ~ '^[0-9a-f]{64}$'),
  amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 99999999),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  amount_micros bigint NOT NULL CHECK (amount_micros > 0 AND amount_micros <= 9007199254740992),
  success_url text NOT NULL,
  cancel_url text NOT NULL,
  state text NOT NULL CHECK (
    state IN ('created', 'session_open', 'processing', 'succeeded', 'failed', 'expired', 'parked')
  ),
  -- Why it failed, expired or was parked.
  reason text,
  session_id text UNIQUE,
  checkout_url text,
  session_expires_at timestamptz(3),
  payment_intent_id text UNIQUE,
  card_brand text,
  card_last4 text,
  receipt_email text,
  -- Part of the key of our calls to Stripe; grows when Stripe has answered a call with an error.
  attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  -- While one request talks to Stripe, its twins wait. Politeness only: Stripe's key is what is safe.
  claimed_until timestamptz(3),
  -- When the sweeper asks Stripe, in case no webhook came.
  next_check_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  UNIQUE (organization_id, idempotency_key),
  CHECK ((state = 'succeeded') <= (payment_intent_id IS NOT NULL AND session_id IS NOT NULL)),
  CHECK ((state IN ('failed', 'expired', 'parked')) <= (reason IS NOT NULL)),
  CHECK ((state = 'session_open') <= (session_id IS NOT NULL))
);

CREATE INDEX topup_next_check_at_idx ON checkout.topup (next_check_at)
  WHERE state IN ('session_open', 'processing');

-- Every verified event of Stripe, once. The payload is text: it is what was signed, byte for byte.
CREATE TABLE checkout.webhook_inbox (
  event_id text PRIMARY KEY CHECK (length(event_id) BETWEEN 1 AND 255),
  type text NOT NULL,
  payload text NOT NULL,
  received_at timestamptz(3) NOT NULL,
  processed_at timestamptz(3),
  outcome text,
  CHECK ((processed_at IS NULL) = (outcome IS NULL))
);

CREATE INDEX webhook_inbox_unprocessed_idx ON checkout.webhook_inbox (received_at)
  WHERE processed_at IS NULL;

-- Events to publish, written in the transaction that made them true.
CREATE TABLE checkout.outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- ce_id of the event; the same on every repeat.
  event_id text NOT NULL UNIQUE,
  topic text NOT NULL,
  key text NOT NULL,
  value jsonb NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  published_at timestamptz(3)
);

CREATE INDEX outbox_unpublished_idx ON checkout.outbox (position) WHERE published_at IS NULL;

-- Nothing here is ever deleted. What was asked for never changes: only these columns do.
GRANT SELECT, INSERT ON checkout.topup, checkout.stripe_customer, checkout.webhook_inbox, checkout.outbox
  TO orbit_checkout;
GRANT UPDATE (customer_id, generation) ON checkout.stripe_customer TO orbit_checkout;
GRANT UPDATE (
  state, reason, session_id, checkout_url, session_expires_at, payment_intent_id, card_brand, card_last4,
  receipt_email, attempt, claimed_until, next_check_at, updated_at
) ON checkout.topup TO orbit_checkout;
GRANT UPDATE (processed_at, outcome) ON checkout.webhook_inbox TO orbit_checkout;
GRANT UPDATE (published_at) ON checkout.outbox TO orbit_checkout;
