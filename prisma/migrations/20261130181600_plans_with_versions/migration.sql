-- Plans with versions. Owned by apps/invoicing. `plan`, `plan_phase` and `price` are read by instances from before this
-- migration alone; the release after this one drops them.

CREATE TABLE invoicing.catalogue_plan (
  account_id text NOT NULL,
  id text NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  external_plan_id text,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  status text NOT NULL CHECK (status IN ('active', 'archived', 'draft')),
  -- What subscriptions that name no version begin with.
  default_version integer NOT NULL CHECK (default_version >= 1),
  -- ISO 4217 or a custom unit.
  currency text NOT NULL,
  invoicing_currency text NOT NULL,
  net_terms integer CHECK (net_terms BETWEEN 0 AND 365),
  default_invoice_memo text,
  trial_days integer CHECK (trial_days >= 1),
  metadata jsonb NOT NULL DEFAULT '{}',
  -- Place among the plans that the Orbit API offers and Stripe sells; null: neither.
  checkout_place integer,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX catalogue_plan_external_id_key
  ON invoicing.catalogue_plan (account_id, external_plan_id)
  WHERE status <> 'archived' AND external_plan_id IS NOT NULL;
CREATE INDEX catalogue_plan_list_idx
  ON invoicing.catalogue_plan (account_id, created_at DESC, position DESC);

-- Never updated: another content is another version.
CREATE TABLE invoicing.catalogue_plan_version (
  account_id text NOT NULL,
  plan_id text NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  -- Null: no phases.
  phases jsonb,
  adjustments jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, plan_id, version),
  FOREIGN KEY (account_id, plan_id) REFERENCES invoicing.catalogue_plan (account_id, id)
);

CREATE TABLE invoicing.catalogue_plan_price (
  account_id text NOT NULL,
  plan_id text NOT NULL,
  version integer NOT NULL,
  -- Order in which prices were named.
  place integer NOT NULL,
  price_id text NOT NULL,
  plan_phase_order integer,
  PRIMARY KEY (account_id, plan_id, version, place),
  FOREIGN KEY (account_id, plan_id, version)
    REFERENCES invoicing.catalogue_plan_version (account_id, plan_id, version),
  FOREIGN KEY (account_id, price_id) REFERENCES invoicing.catalogue_price (account_id, id)
);

-- Subscriptions of a plan on their way to another version.
CREATE TABLE invoicing.plan_migration (
  account_id text NOT NULL,
  id text NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  plan_id text NOT NULL,
  -- An instant, a day, end_of_term or end_of_invoice, as the contract writes it.
  effective_time text,
  status text NOT NULL
    CHECK (status IN ('not_started', 'in_progress', 'completed', 'action_needed', 'canceled')),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX plan_migration_list_idx
  ON invoicing.plan_migration (account_id, plan_id, created_at DESC, position DESC);

GRANT SELECT, INSERT ON invoicing.catalogue_plan, invoicing.catalogue_plan_version,
  invoicing.catalogue_plan_price, invoicing.plan_migration TO orbit_invoicing;
GRANT UPDATE (external_plan_id, name, description, metadata, default_version)
  ON invoicing.catalogue_plan TO orbit_invoicing;
GRANT UPDATE (status) ON invoicing.plan_migration TO orbit_invoicing;

-- A subscription may be of any plan of its account.
ALTER TABLE invoicing.subscription DROP CONSTRAINT subscription_plan_id_fkey;

-- The plans from before are the live account's, and Stripe sells them.
INSERT INTO invoicing.catalogue_plan
  (account_id, id, external_plan_id, name, description, status, default_version, currency,
   invoicing_currency, net_terms, metadata, checkout_place, created_at)
SELECT 'acct_live', id, external_plan_id, name, description, status, version, currency, currency,
       net_terms, metadata, position, created_at
FROM invoicing.plan ORDER BY position DESC;

INSERT INTO invoicing.catalogue_plan_version (account_id, plan_id, version, phases, created_at)
SELECT 'acct_live', p.id, p.version,
       (SELECT jsonb_agg(jsonb_build_object(
          'id', f.id, 'name', f.name, 'description', f.description, 'order', f.phase_order,
          'duration', f.duration, 'durationUnit', f.duration_unit, 'alignsBilling', false)
          ORDER BY f.phase_order)
        FROM invoicing.plan_phase f WHERE f.plan_id = p.id),
       p.created_at
FROM invoicing.plan p;

INSERT INTO invoicing.catalogue_price
  (account_id, id, scope, external_price_id, item_id, definition, metadata, created_at)
SELECT 'acct_live', id, 'plan', external_price_id, item_id,
       jsonb_build_object(
         'name', name, 'modelType', 'unit',
         'config', jsonb_build_object('unit_amount', coalesce(trim_scale(unit_amount)::text, '0')),
         -- Agreed with each customer; the Orbit API shows null.
         'isNegotiated', unit_amount IS NULL,
         'priceType', price_type, 'cadence', cadence, 'billingMode', billing_mode,
         'billingCycle', jsonb_build_object(
           'duration', CASE cadence WHEN 'annual' THEN 12 ELSE 1 END, 'duration_unit', 'month'),
         'invoicingCycle', NULL, 'metricId', NULL, 'fixedQuantity', fixed_price_quantity::text,
         'currency', currency, 'conversionRate', NULL, 'conversionRateConfig', NULL,
         'creditAllocation', CASE WHEN credit_allocation IS NULL THEN NULL ELSE jsonb_build_object(
           'currency', credit_allocation->>'currency',
           'amount', coalesce(fixed_price_quantity, 0)::text, 'perUnitCostBasis', '0',
           'allowsRollover', credit_allocation->'allows_rollover',
           'customExpiration', NULL, 'filters', '[]'::jsonb) END,
         'compositeFilters', NULL, 'invoiceGroupingKey', NULL, 'dimensional', NULL,
         'licenseType', NULL, 'licenseAllocations', '[]'::jsonb, 'replacesPriceId', NULL),
       metadata, created_at
FROM invoicing.price ORDER BY plan_id, position DESC;

INSERT INTO invoicing.catalogue_plan_price
  (account_id, plan_id, version, place, price_id, plan_phase_order)
SELECT 'acct_live', r.plan_id, p.version, r.position, r.id, r.plan_phase_order
FROM invoicing.price r JOIN invoicing.plan p ON p.id = r.plan_id;
