-- Outgoing webhooks: where they go, what happened, and what became of each delivery.

CREATE TABLE invoicing.webhook_endpoint (
  id text PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  account_id text NOT NULL,
  -- Whose endpoint it is in the Orbit API; null: made over /v1, for the whole account.
  organization_id text,
  url text NOT NULL,
  secret text NOT NULL,
  -- Of a test account: its receivers may stand on the machine that tests.
  may_be_private boolean NOT NULL,
  -- Null: all of its API.
  event_types text[],
  payload_style text NOT NULL CHECK (payload_style IN ('expanded', 'standard')),
  is_enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3)
);
CREATE INDEX webhook_endpoint_list_idx ON invoicing.webhook_endpoint (account_id, created_at DESC, position DESC)
  WHERE deleted_at IS NULL;

-- How many events of an object there were: the order in which they are sent.
CREATE TABLE invoicing.webhook_sequence (
  account_id text NOT NULL,
  object_id text NOT NULL,
  last bigint NOT NULL,
  PRIMARY KEY (account_id, object_id)
);

-- A fact that an endpoint wanted to know, as it was when it happened.
CREATE TABLE invoicing.webhook_event (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  organization_id text,
  type text NOT NULL,
  object_id text NOT NULL,
  sequence bigint NOT NULL,
  expanded_body text NOT NULL,
  standard_body text NOT NULL,
  -- The account's time.
  created_at timestamptz(3) NOT NULL
);

CREATE TABLE invoicing.webhook_delivery (
  id text PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  endpoint_id text NOT NULL REFERENCES invoicing.webhook_endpoint (id),
  event_id text NOT NULL REFERENCES invoicing.webhook_event (id),
  object_id text NOT NULL,
  -- As the endpoint was when the event happened.
  payload_style text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled')),
  attempt_count integer NOT NULL DEFAULT 0,
  -- Real time, as everything below.
  created_at timestamptz(3) NOT NULL,
  next_attempt_at timestamptz(3) NOT NULL,
  claimed_until timestamptz(3),
  ended_at timestamptz(3)
);
CREATE INDEX webhook_delivery_due_idx ON invoicing.webhook_delivery (next_attempt_at) WHERE state = 'pending';
CREATE INDEX webhook_delivery_turn_idx ON invoicing.webhook_delivery (endpoint_id, object_id, position)
  WHERE state = 'pending';
CREATE INDEX webhook_delivery_list_idx ON invoicing.webhook_delivery (endpoint_id, position DESC);
CREATE INDEX webhook_delivery_event_idx ON invoicing.webhook_delivery (event_id);

CREATE TABLE invoicing.webhook_attempt (
  delivery_id text NOT NULL REFERENCES invoicing.webhook_delivery (id),
  number integer NOT NULL,
  attempted_at timestamptz(3) NOT NULL,
  latency_ms integer NOT NULL,
  -- Null: no answer came; then `error` says why.
  status integer,
  error text,
  response text,
  PRIMARY KEY (delivery_id, number)
);

GRANT SELECT, INSERT, UPDATE ON invoicing.webhook_endpoint, invoicing.webhook_sequence, invoicing.webhook_delivery
  TO orbit_invoicing;
GRANT SELECT, INSERT ON invoicing.webhook_event, invoicing.webhook_attempt TO orbit_invoicing;
