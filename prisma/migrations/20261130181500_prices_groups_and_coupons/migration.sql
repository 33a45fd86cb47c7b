-- Prices in every model of the contract, what they hang on, and coupons. Owned by apps/invoicing. Ids are an account's:
-- each account has a catalogue of its own. Prices of plans stay in `price` until plans move.

CREATE TABLE invoicing.catalogue_price (
  account_id text NOT NULL,
  id text NOT NULL,
  -- Order of making, where two have one created_at.
  position bigint GENERATED ALWAYS AS IDENTITY,
  -- Who sells it: alone, a plan's versions, a dimensional group, or one subscription.
  scope text NOT NULL CHECK (scope IN ('add_on', 'plan', 'group', 'subscription')),
  external_price_id text,
  item_id text NOT NULL,
  metric_id text,
  dimensional_price_group_id text,
  license_type_id text,
  -- What it costs and when; decimals are texts. Never updated: another price is another row.
  definition jsonb NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL,
  archived_at timestamptz(3),
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX catalogue_price_external_id_key
  ON invoicing.catalogue_price (account_id, external_price_id)
  WHERE archived_at IS NULL AND external_price_id IS NOT NULL;
CREATE INDEX catalogue_price_list_idx
  ON invoicing.catalogue_price (account_id, scope, created_at DESC, position DESC);
CREATE INDEX catalogue_price_item_idx ON invoicing.catalogue_price (account_id, item_id);
CREATE INDEX catalogue_price_group_idx
  ON invoicing.catalogue_price (account_id, dimensional_price_group_id, created_at DESC, position DESC)
  WHERE dimensional_price_group_id IS NOT NULL;

CREATE TABLE invoicing.dimensional_price_group (
  account_id text NOT NULL,
  id text NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  external_dimensional_price_group_id text,
  name text NOT NULL,
  -- Properties of events, in the order in which prices name their values.
  dimensions text[] NOT NULL CHECK (cardinality(dimensions) >= 1),
  metric_id text NOT NULL,
  -- Of the metric when the group was made.
  item_id text NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, id),
  UNIQUE (account_id, external_dimensional_price_group_id)
);
CREATE INDEX dimensional_price_group_list_idx
  ON invoicing.dimensional_price_group (account_id, created_at DESC, position DESC);

CREATE TABLE invoicing.license_type (
  account_id text NOT NULL,
  id text NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  grouping_key text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX license_type_list_idx ON invoicing.license_type (account_id, created_at, position);

CREATE TABLE invoicing.coupon (
  account_id text NOT NULL,
  id text NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  redemption_code text NOT NULL,
  discount_type text NOT NULL CHECK (discount_type IN ('percentage', 'amount')),
  -- A fraction, or an amount of the invoicing currency.
  discount numeric NOT NULL CHECK (discount > 0),
  duration_in_months integer CHECK (duration_in_months BETWEEN 1 AND 120),
  max_redemptions integer CHECK (max_redemptions BETWEEN 1 AND 1000000000),
  times_redeemed integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  archived_at timestamptz(3),
  PRIMARY KEY (account_id, id),
  CHECK (max_redemptions IS NULL OR times_redeemed <= max_redemptions)
);
-- A code is free again when its coupon is archived.
CREATE UNIQUE INDEX coupon_redemption_code_key
  ON invoicing.coupon (account_id, redemption_code) WHERE archived_at IS NULL;
CREATE INDEX coupon_list_idx ON invoicing.coupon (account_id, created_at DESC, position DESC);

GRANT SELECT, INSERT ON invoicing.catalogue_price, invoicing.dimensional_price_group,
  invoicing.license_type, invoicing.coupon TO orbit_invoicing;
GRANT UPDATE (metadata, archived_at) ON invoicing.catalogue_price TO orbit_invoicing;
GRANT UPDATE (external_dimensional_price_group_id, metadata)
  ON invoicing.dimensional_price_group TO orbit_invoicing;
GRANT UPDATE (times_redeemed, archived_at) ON invoicing.coupon TO orbit_invoicing;
