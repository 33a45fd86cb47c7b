-- Latest values, percentiles and weighted sums are rolled up too. Owned by apps/usage-metering.

ALTER TABLE usage_metering.usage_leaf_bucket
  -- Sum of value × instant in milliseconds, of a weighted sum.
  ADD COLUMN moment numeric NOT NULL DEFAULT 0,
  -- The latest value. Of events at one instant the one with the greater key counts: UTF-16, whose bytes are in order.
  ADD COLUMN latest_at timestamptz(3),
  ADD COLUMN latest_key bytea,
  ADD COLUMN latest numeric,
  ADD CONSTRAINT usage_leaf_bucket_latest_check
    CHECK ((latest_at IS NULL) = (latest IS NULL) AND (latest_at IS NULL) = (latest_key IS NULL));

-- Of a percentile: the value itself.
ALTER TABLE usage_metering.usage_leaf_value ADD COLUMN number numeric;

-- Leaves of these kinds that were kept for ClickHouse may have rows without the columns: they are filled anew.
DELETE FROM usage_metering.usage_leaf_bucket WHERE leaf_id IN (
  SELECT id FROM usage_metering.usage_leaf
  WHERE leaf->>'kind' IN ('latest', 'percentile_cont', 'percentile_disc', 'weighted_sum'));
UPDATE usage_metering.usage_leaf_fill SET filled_from = 'infinity' WHERE leaf_id IN (
  SELECT id FROM usage_metering.usage_leaf
  WHERE leaf->>'kind' IN ('latest', 'percentile_cont', 'percentile_disc', 'weighted_sum'));
