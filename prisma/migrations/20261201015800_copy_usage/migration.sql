-- Where usage is counted from, and what is on its way there. Owned by apps/usage-metering.

-- One row. Whoever writes events reads it in the same transaction: a process that is set to another store writes none.
CREATE TABLE usage_metering.usage_storage (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  store text NOT NULL CHECK (store IN ('postgres', 'clickhouse')),
  -- Part of the names of the copy's tables in ClickHouse: a copy that is begun anew has tables of its own.
  copy_id text NOT NULL DEFAULT '',
  -- Number of the last block that was cut from the outbox, and of the last one that is in ClickHouse.
  cut_no bigint NOT NULL DEFAULT 0,
  copied_no bigint NOT NULL DEFAULT 0,
  -- Rows that its tables must have.
  event_rows bigint NOT NULL DEFAULT 0,
  value_rows bigint NOT NULL DEFAULT 0,
  CHECK (cut_no - copied_no IN (0, 1))
);
INSERT INTO usage_metering.usage_storage (store) VALUES ('postgres');

-- Events that came (1) or went (-1) and are not in ClickHouse yet, written in the transaction that changes them.
CREATE TABLE usage_metering.usage_outbox (
  change_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL,
  event_no bigint NOT NULL,
  sign smallint NOT NULL CHECK (sign IN (1, -1)),
  -- The block that takes it over.
  block_no bigint
);
CREATE INDEX usage_outbox_customer_idx ON usage_metering.usage_outbox (account_id, customer_id);
CREATE INDEX usage_outbox_block_idx ON usage_metering.usage_outbox (block_no)
  WHERE block_no IS NOT NULL;

-- Leaves whose values are in ClickHouse: from a block on with each block, those before by a walk over the events.
CREATE TABLE usage_metering.usage_copied_leaf (
  leaf_id bigint PRIMARY KEY REFERENCES usage_metering.usage_leaf (id),
  from_block bigint NOT NULL,
  -- Steps of the walk that are done, and the event that the last one ended with.
  steps integer NOT NULL DEFAULT 0,
  after_customer_id text NOT NULL DEFAULT '',
  after_ms bigint NOT NULL DEFAULT -9223372036854775808,
  after_event_no bigint NOT NULL DEFAULT 0,
  after_block_no bigint NOT NULL DEFAULT 0,
  is_filled boolean NOT NULL DEFAULT false
);

GRANT SELECT, UPDATE ON usage_metering.usage_storage TO orbit_usage_metering;
GRANT SELECT, INSERT, DELETE ON usage_metering.usage_outbox TO orbit_usage_metering;
GRANT UPDATE (block_no) ON usage_metering.usage_outbox TO orbit_usage_metering;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_metering.usage_copied_leaf TO orbit_usage_metering;
-- Rollups of PostgreSQL are made anew when usage is counted from it again.
GRANT TRUNCATE ON usage_metering.usage_leaf_bucket, usage_metering.usage_leaf_value
  TO orbit_usage_metering;
