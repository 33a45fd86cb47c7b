-- What events add up to. Owned by apps/usage-metering.

-- Windows of one customer are read in the order of time, whatever the events are called.
DROP INDEX usage_metering.usage_event_usage_idx;
CREATE INDEX usage_event_usage_idx
  ON usage_metering.usage_event (account_id, customer_id, event_time, event_no)
  WHERE state = 'visible';

-- One aggregate with all that narrows and splits it; never changes. Metrics and prices that share
-- one share its rollups.
CREATE TABLE usage_metering.usage_leaf (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id text NOT NULL,
  -- First 16 bytes of SHA-256 over its canonical text.
  hash uuid NOT NULL,
  leaf json NOT NULL,
  -- It has too many groups, and is read from events again.
  stopped_at timestamptz(3),
  UNIQUE (account_id, hash)
);

-- For which customers a leaf is kept: events from filled_from on are in its rollups, older ones follow.
CREATE TABLE usage_metering.usage_leaf_fill (
  leaf_id bigint NOT NULL REFERENCES usage_metering.usage_leaf (id),
  customer_id text NOT NULL,
  filled_from timestamptz(3) NOT NULL,
  -- Groups of the bucket that got a new one last.
  crowded_bucket timestamptz(3),
  crowded_groups integer NOT NULL DEFAULT 0,
  PRIMARY KEY (leaf_id, customer_id)
);
CREATE INDEX usage_leaf_fill_waiting_idx ON usage_metering.usage_leaf_fill (leaf_id, customer_id)
  WHERE filled_from > '-infinity';

-- Quarters of an hour of UTC: each begins every civil hour and day of every zone of today.
CREATE TABLE usage_metering.usage_leaf_bucket (
  leaf_id bigint NOT NULL,
  customer_id text NOT NULL,
  bucket timestamptz(3) NOT NULL,
  -- First 16 bytes of SHA-256 over the values.
  group_hash uuid NOT NULL,
  group_values json NOT NULL,
  -- Events that pass the filter, and those of them that have a value.
  events bigint NOT NULL,
  counted bigint NOT NULL,
  sum numeric NOT NULL,
  -- Sum of the events' fingerprints modulo 2^128.
  fingerprint numeric(39, 0) NOT NULL,
  min numeric,
  max numeric,
  -- A value went that may have been the least or the greatest: both are counted again.
  is_dirty boolean NOT NULL,
  PRIMARY KEY (leaf_id, customer_id, bucket, group_hash)
) WITH (fillfactor = 80);
CREATE INDEX usage_leaf_bucket_dirty_idx ON usage_metering.usage_leaf_bucket (leaf_id)
  WHERE is_dirty;

-- Values of COUNT(DISTINCT …) and how often each occurs in an hour, so that it can go again.
CREATE TABLE usage_metering.usage_leaf_value (
  leaf_id bigint NOT NULL,
  customer_id text NOT NULL,
  hour timestamptz(3) NOT NULL,
  group_hash uuid NOT NULL,
  group_values json NOT NULL,
  value_hash uuid NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (leaf_id, customer_id, hour, group_hash, value_hash)
);

-- What windows held when they were closed. A row never changes; what comes later makes another revision.
CREATE TABLE usage_metering.usage_closing (
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id text NOT NULL,
  -- The price interval, as invoicing names it.
  interval_id text NOT NULL,
  window_from timestamptz(3) NOT NULL,
  window_to timestamptz(3) NOT NULL CHECK (window_to > window_from),
  revision integer NOT NULL CHECK (revision >= 0),
  groups json NOT NULL,
  watermark timestamptz(3) NOT NULL,
  customer_ids text[] NOT NULL,
  definition json NOT NULL,
  -- Of revision 0: its events have changed since the last revision.
  is_stale boolean NOT NULL DEFAULT false,
  UNIQUE (account_id, interval_id, window_from, window_to, revision)
);
CREATE INDEX usage_closing_customer_idx ON usage_metering.usage_closing USING gin (customer_ids)
  WHERE revision = 0;
CREATE INDEX usage_closing_stale_idx ON usage_metering.usage_closing (no) WHERE is_stale;

GRANT SELECT, INSERT ON usage_metering.usage_leaf TO orbit_usage_metering;
GRANT UPDATE (stopped_at) ON usage_metering.usage_leaf TO orbit_usage_metering;
GRANT SELECT, INSERT ON usage_metering.usage_leaf_fill TO orbit_usage_metering;
GRANT UPDATE (filled_from, crowded_bucket, crowded_groups) ON usage_metering.usage_leaf_fill
  TO orbit_usage_metering;
GRANT SELECT, INSERT, UPDATE ON usage_metering.usage_leaf_bucket, usage_metering.usage_leaf_value
  TO orbit_usage_metering;
GRANT SELECT, INSERT ON usage_metering.usage_closing TO orbit_usage_metering;
GRANT UPDATE (is_stale) ON usage_metering.usage_closing TO orbit_usage_metering;
