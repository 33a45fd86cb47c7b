-- Metrics: how events are counted. Owned by apps/usage-metering.
CREATE TABLE usage_metering.metric (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  -- Order of making, where two have one created_at.
  position bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL CHECK (name <> ''),
  description text,
  -- Invoicing's.
  item_id text NOT NULL,
  -- As the account wrote it, and what was read from it: nothing but the tree is ever evaluated.
  sql text NOT NULL,
  tree jsonb NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL,
  archived_at timestamptz(3)
);
CREATE INDEX metric_list_idx ON usage_metering.metric (account_id, created_at DESC, position DESC);

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

-- What a metric counts never changes: prices and invoices stand on it.
GRANT SELECT, INSERT ON usage_metering.metric TO orbit_usage_metering;
GRANT UPDATE (name, description, metadata, archived_at) ON usage_metering.metric
  TO orbit_usage_metering;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_metering.idempotency_record TO orbit_usage_metering;
