-- Owned by apps/stripe-sandbox: the world that stands in for Stripe while no Stripe key is set.
-- Bodies are Stripe's own JSON, so one table holds every kind of object.

CREATE TABLE stripe_sandbox.sandbox_object (
  -- Stripe's id: cus_…, pi_…, cs_test_….
  id text PRIMARY KEY CHECK (length(id) BETWEEN 4 AND 255),
  kind text NOT NULL CHECK (kind ~ '^[a-z_.]+$'),
  -- Insertion order; lists are cut by it, because many objects share one second.
  seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  created_at timestamptz(3) NOT NULL,
  body jsonb NOT NULL CHECK (body ->> 'id' = id),
  -- What Stripe knows and does not show: how a card behaves, the line items of a session.
  secret jsonb
);

CREATE INDEX sandbox_object_kind_seq_idx ON stripe_sandbox.sandbox_object (kind, seq DESC);
CREATE INDEX sandbox_object_body_idx ON stripe_sandbox.sandbox_object USING gin (body jsonb_path_ops);
-- What the sweeper looks for.
CREATE INDEX sandbox_object_open_session_idx
  ON stripe_sandbox.sandbox_object (((body ->> 'expires_at')::bigint))
  WHERE kind = 'checkout.session' AND body ->> 'status' = 'open';

-- Facts: written once with the change that caused them, never changed.
CREATE TABLE stripe_sandbox.sandbox_event (
  id text PRIMARY KEY CHECK (id LIKE 'evt\_%'),
  seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  type text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  body jsonb NOT NULL
);

CREATE TABLE stripe_sandbox.webhook_delivery (
  id text PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  event_id text NOT NULL REFERENCES stripe_sandbox.sandbox_event (id),
  -- Null: the endpoint of the environment, whose URL may change between two starts.
  endpoint_id text,
  status text NOT NULL CHECK (status IN ('pending', 'delivered', 'dropped', 'failed')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- While an attempt runs this is the end of its lease: a crash gives the delivery back.
  next_attempt_at timestamptz(3) NOT NULL,
  -- HTTP status of the last answer; null with an error when there was none.
  last_status integer,
  last_error text,
  created_at timestamptz(3) NOT NULL
);

CREATE INDEX webhook_delivery_due_idx ON stripe_sandbox.webhook_delivery (next_attempt_at)
  WHERE status = 'pending';
CREATE INDEX webhook_delivery_event_id_idx ON stripe_sandbox.webhook_delivery (event_id);

-- Idempotency-Key → the answer that was given. Forgotten after 24 hours, as Stripe does.
CREATE TABLE stripe_sandbox.idempotency_record (
  key text PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 255),
  -- SHA-256 of method, path and parameters, hexadecimal.
  request_hash text NOT NULL CHECK (request_hash ~ '^[0-9a-f]{64}$'),
  request_id text,
  response_status integer CHECK (response_status BETWEEN 200 AND 599),
  response_body jsonb,
  created_at timestamptz(3) NOT NULL
);

CREATE INDEX idempotency_record_created_at_idx ON stripe_sandbox.idempotency_record (created_at);

GRANT USAGE ON SCHEMA stripe_sandbox TO orbit_stripe_sandbox;
-- DELETE on objects is for webhook endpoints, which Stripe really forgets.
GRANT SELECT, INSERT, UPDATE, DELETE ON stripe_sandbox.sandbox_object TO orbit_stripe_sandbox;
GRANT SELECT, INSERT ON stripe_sandbox.sandbox_event TO orbit_stripe_sandbox;
GRANT SELECT, INSERT, UPDATE ON stripe_sandbox.webhook_delivery TO orbit_stripe_sandbox;
GRANT SELECT, INSERT, UPDATE, DELETE ON stripe_sandbox.idempotency_record TO orbit_stripe_sandbox;
