-- Usage events: each idempotency key of an account counts once, and no version of an event is ever changed or deleted.
-- Owned by apps/usage-metering.
CREATE SEQUENCE usage_metering.usage_event_no AS bigint;

-- The key registry. It alone decides whether an event is new, in the transaction that stores it.
CREATE TABLE usage_metering.usage_key (
  account_id text NOT NULL,
  -- First 16 bytes of SHA-256 over the idempotency key.
  key_hash uuid NOT NULL,
  event_time timestamptz(3) NOT NULL,
  -- Of the event that counts, or counted last.
  version integer NOT NULL CHECK (version >= 1),
  event_no bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('live', 'deprecated')),
  PRIMARY KEY (account_id, key_hash)
);

CREATE TABLE usage_metering.usage_event (
  event_no bigint PRIMARY KEY,
  account_id text NOT NULL,
  -- Also the event's id; as the account wrote it.
  idempotency_key text NOT NULL,
  key_hash uuid NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  -- Null while no customer has the external id.
  customer_id text,
  external_customer_id text,
  event_name text NOT NULL,
  event_time timestamptz(3) NOT NULL,
  -- Flat; numbers keep their digits.
  properties jsonb NOT NULL CHECK (jsonb_typeof(properties) = 'object'),
  -- visible: it counts. waiting: its backfill is not closed. Never again: amended (a later version stands for it),
  -- deprecated, replaced (by a backfill), duplicate (of an event from outside its backfill), reverted.
  state text NOT NULL CHECK (
    state IN ('visible', 'waiting', 'amended', 'deprecated', 'replaced', 'duplicate', 'reverted')
  ),
  backfill_id text,
  -- The backfill whose closing replaced it.
  replaced_by text,
  ingested_at timestamptz(3) NOT NULL,
  -- First 16 bytes of SHA-256 over key, name, instant and properties in canonical form.
  fingerprint uuid NOT NULL,
  CHECK (customer_id IS NOT NULL OR external_customer_id IS NOT NULL)
);
-- Events that count, as usage is read.
CREATE INDEX usage_event_usage_idx
  ON usage_metering.usage_event (account_id, customer_id, event_name, event_time)
  WHERE state = 'visible';
-- Those that wait for their customer.
CREATE INDEX usage_event_unnamed_idx
  ON usage_metering.usage_event (account_id, external_customer_id) WHERE customer_id IS NULL;
CREATE INDEX usage_event_backfill_idx
  ON usage_metering.usage_event (backfill_id, key_hash) WHERE backfill_id IS NOT NULL;
CREATE INDEX usage_event_replaced_idx
  ON usage_metering.usage_event (replaced_by) WHERE replaced_by IS NOT NULL;
-- Events come nearly in the order of time: this costs nothing and serves windows over all customers.
CREATE INDEX usage_event_time_idx ON usage_metering.usage_event USING brin (event_time);

-- Events that count per UTC hour. Shards are partitions of the topic, so that writers do not wait for each other.
CREATE TABLE usage_metering.usage_volume (
  account_id text NOT NULL,
  hour timestamptz(3) NOT NULL,
  shard smallint NOT NULL,
  event_count bigint NOT NULL,
  PRIMARY KEY (account_id, hour, shard)
);

-- Which customer an external id is. A copy of what the gateway says.
CREATE TABLE usage_metering.customer_name (
  account_id text NOT NULL,
  external_customer_id text NOT NULL,
  customer_id text NOT NULL,
  PRIMARY KEY (account_id, external_customer_id)
);

-- Answers of requests with an Idempotency-Key, written with their effect and kept for 48 hours.
CREATE TABLE IF NOT EXISTS usage_metering.idempotency_record (
  account_id text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status smallint NOT NULL,
  body text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX IF NOT EXISTS idempotency_record_created_at_idx
  ON usage_metering.idempotency_record (created_at);

GRANT USAGE ON SEQUENCE usage_metering.usage_event_no TO orbit_usage_metering;
-- A key is free again only when the backfill that brought it is reverted.
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_metering.usage_key TO orbit_usage_metering;
GRANT SELECT, INSERT ON usage_metering.usage_event TO orbit_usage_metering;
GRANT UPDATE (customer_id, state, replaced_by) ON usage_metering.usage_event
  TO orbit_usage_metering;
GRANT SELECT, INSERT, UPDATE ON usage_metering.usage_volume TO orbit_usage_metering;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_metering.customer_name TO orbit_usage_metering;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_metering.idempotency_record TO orbit_usage_metering;

-- Whether usage-metering knows this organization's external id, or that it is free again.
ALTER TABLE gateway.organization ADD COLUMN name_told_at timestamptz(3);
CREATE INDEX organization_untold_idx ON gateway.organization (created_at)
  WHERE external_customer_id IS NOT NULL AND name_told_at IS NULL;
GRANT UPDATE (name_told_at) ON gateway.organization TO orbit_gateway;
