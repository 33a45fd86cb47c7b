-- Which customers' usage changed: a number that grows with each change of the events that count.
CREATE TABLE usage_metering.customer_usage (
  account_id text NOT NULL,
  customer_id text NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (account_id, customer_id)
) WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE ON usage_metering.customer_usage TO orbit_usage_metering;

-- Alerts: what they say, what was reported, how far was looked. Owned by apps/invoicing.
CREATE TABLE invoicing.alert (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  -- Order of making, where two have one created_at.
  position bigint GENERATED ALWAYS AS IDENTITY,
  type text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('customer', 'subscription', 'plan')),
  scope_id text NOT NULL,
  plan_version integer,
  -- Two alerts of one scope with the same subject would say the same.
  subject text NOT NULL,
  currency text,
  metric_id text,
  -- Decimals, the least first.
  thresholds text[] NOT NULL,
  grouping_keys text[],
  price_filters jsonb,
  overrides jsonb,
  is_enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3),
  CHECK ((scope = 'plan') = (plan_version IS NOT NULL))
);
CREATE UNIQUE INDEX alert_subject_idx
  ON invoicing.alert (account_id, scope, scope_id, coalesce(plan_version, 0), subject) WHERE deleted_at IS NULL;
CREATE INDEX alert_scope_idx ON invoicing.alert (scope_id) WHERE deleted_at IS NULL AND is_enabled;

-- A plan's alert that is disabled for one subscription.
CREATE TABLE invoicing.alert_silence (
  alert_id text NOT NULL REFERENCES invoicing.alert (id),
  subscription_id text NOT NULL,
  PRIMARY KEY (alert_id, subscription_id)
);

-- The greatest threshold that was reported in a billing period, by group.
CREATE TABLE invoicing.alert_report (
  alert_id text NOT NULL REFERENCES invoicing.alert (id),
  subscription_id text NOT NULL,
  -- JSON of the group's values; '': the alert has no groups.
  group_name text NOT NULL,
  period_start timestamptz(3) NOT NULL,
  threshold text NOT NULL,
  PRIMARY KEY (alert_id, subscription_id, group_name)
);

-- Subscriptions with alerts, as they were judged last.
CREATE TABLE invoicing.alert_watch (
  subscription_id text PRIMARY KEY,
  account_id text NOT NULL,
  -- Of the subscription's row; another one: it has changed since.
  row_version text NOT NULL,
  customer_ids text[] NOT NULL,
  usage_version text NOT NULL,
  -- Account time; null: never again unless it changes.
  next_at timestamptz(3)
);
CREATE INDEX alert_watch_next_idx ON invoicing.alert_watch (account_id, next_at) WHERE next_at IS NOT NULL;

-- Balances that credit alerts watch, as they were seen last.
CREATE TABLE invoicing.alert_balance (
  customer_id text NOT NULL,
  currency text NOT NULL,
  account_id text NOT NULL,
  sequence bigint NOT NULL,
  balance text NOT NULL,
  PRIMARY KEY (customer_id, currency)
);

GRANT SELECT, INSERT, UPDATE ON invoicing.alert, invoicing.alert_report, invoicing.alert_balance
  TO orbit_invoicing;
GRANT SELECT, INSERT, DELETE ON invoicing.alert_silence TO orbit_invoicing;
GRANT SELECT, INSERT, UPDATE, DELETE ON invoicing.alert_watch TO orbit_invoicing;
