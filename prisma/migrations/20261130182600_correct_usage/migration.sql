-- Corrections of usage events. Owned by apps/usage-metering.

-- One row an amendment or deprecation that was made: the limit per customer counts them, and the gateway learns from
-- here which keys it must refuse.
CREATE TABLE usage_metering.usage_correction (
  correction_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('amend', 'deprecate')),
  idempotency_key text NOT NULL,
  -- Of the version that counted until then.
  event_no bigint NOT NULL,
  -- Account time.
  made_at timestamptz(3) NOT NULL
);
CREATE INDEX usage_correction_limit_idx
  ON usage_metering.usage_correction (account_id, customer_id, kind, made_at);
CREATE INDEX usage_correction_told_idx
  ON usage_metering.usage_correction (account_id, correction_no) WHERE kind = 'deprecate';

-- A set of events that becomes visible at once, in the place of others or beside them, and can be taken back.
CREATE TABLE usage_metering.usage_backfill (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  -- Order of making, where two have one created_at.
  position bigint GENERATED ALWAYS AS IDENTITY,
  -- Null: of all customers.
  customer_id text,
  status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'reflected', 'pending_revert', 'reverted')),
  timeframe_start timestamptz(3) NOT NULL,
  timeframe_end timestamptz(3) NOT NULL,
  replace_existing_events boolean NOT NULL,
  deprecation_filter text,
  -- From then on it takes no events. All in account time.
  close_time timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  reverted_at timestamptz(3),
  events_ingested bigint NOT NULL DEFAULT 0,
  CHECK (timeframe_start < timeframe_end)
);
CREATE INDEX usage_backfill_list_idx
  ON usage_metering.usage_backfill (account_id, created_at DESC, position DESC);
CREATE INDEX usage_backfill_open_idx
  ON usage_metering.usage_backfill (account_id) WHERE status IN ('pending', 'pending_revert');

-- A key stands once in a backfill, whatever stands outside of it. Versions that an amendment adds have no part in this.
DROP INDEX usage_metering.usage_event_backfill_idx;
CREATE UNIQUE INDEX usage_event_backfill_idx
  ON usage_metering.usage_event (backfill_id, key_hash) WHERE backfill_id IS NOT NULL AND version = 1;
CREATE INDEX usage_event_waiting_idx
  ON usage_metering.usage_event (backfill_id) WHERE state = 'waiting';

GRANT SELECT, INSERT ON usage_metering.usage_correction TO orbit_usage_metering;
GRANT SELECT, INSERT ON usage_metering.usage_backfill TO orbit_usage_metering;
GRANT UPDATE (status, close_time, reverted_at, events_ingested) ON usage_metering.usage_backfill
  TO orbit_usage_metering;
