-- Plans, prices and subscriptions, in the shape of Orb's objects. Owned by apps/invoicing.

CREATE TABLE invoicing.item (
  id text PRIMARY KEY,
  name text NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL,
  archived_at timestamptz(3)
);

CREATE TABLE invoicing.plan (
  id text PRIMARY KEY,
  external_plan_id text UNIQUE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  status text NOT NULL CHECK (status IN ('active', 'archived', 'draft')),
  version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
  currency char(3) NOT NULL,
  net_terms integer CHECK (net_terms >= 0),
  -- Text to text, as Orb's metadata are; lists are separated by commas.
  metadata jsonb NOT NULL DEFAULT '{}',
  -- Order in which plans are offered.
  position integer NOT NULL,
  created_at timestamptz(3) NOT NULL
);

CREATE TABLE invoicing.plan_phase (
  id text PRIMARY KEY,
  plan_id text NOT NULL REFERENCES invoicing.plan (id),
  phase_order integer NOT NULL CHECK (phase_order >= 1),
  name text NOT NULL,
  description text,
  -- Null: without end.
  duration integer CHECK (duration >= 1),
  duration_unit text CHECK (duration_unit IN ('daily', 'monthly', 'quarterly', 'semi_annual', 'annual')),
  UNIQUE (plan_id, phase_order)
);

CREATE TABLE invoicing.price (
  id text PRIMARY KEY,
  plan_id text NOT NULL REFERENCES invoicing.plan (id),
  item_id text NOT NULL REFERENCES invoicing.item (id),
  external_price_id text UNIQUE,
  name text NOT NULL,
  price_type text NOT NULL CHECK (price_type IN ('fixed_price', 'usage_price')),
  model_type text NOT NULL CHECK (model_type = 'unit'),
  -- Decimal, per unit; null: agreed with each customer.
  unit_amount numeric(20, 6) CHECK (unit_amount >= 0),
  cadence text NOT NULL CHECK (cadence IN ('monthly', 'annual')),
  billing_mode text NOT NULL CHECK (billing_mode IN ('in_advance', 'in_arrear')),
  currency char(3) NOT NULL,
  -- With an allocation: how much the plan includes in each period; null: without limit.
  fixed_price_quantity bigint CHECK (fixed_price_quantity >= 0),
  plan_phase_order integer,
  -- {"currency": unit of the wallet, "allows_rollover": false}; null: a price that is paid.
  credit_allocation jsonb,
  metadata jsonb NOT NULL DEFAULT '{}',
  position integer NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX price_plan_idx ON invoicing.price (plan_id, position);

CREATE TABLE invoicing.subscription (
  -- Stripe's: checkout tells of it.
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  plan_id text NOT NULL REFERENCES invoicing.plan (id),
  price_id text NOT NULL,
  pending_plan_id text,
  -- Orb's word, which follows from the provider's.
  status text NOT NULL CHECK (status IN ('upcoming', 'active', 'ended')),
  provider_status text NOT NULL,
  active_plan_phase_order integer,
  start_date timestamptz(3) NOT NULL,
  end_date timestamptz(3),
  current_period_start timestamptz(3) NOT NULL,
  current_period_end timestamptz(3) NOT NULL,
  cancel_at_period_end boolean NOT NULL,
  payment_method jsonb,
  -- Of what checkout saw: a lower one never overwrites a higher one.
  version bigint NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
CREATE INDEX subscription_organization_idx ON invoicing.subscription (organization_id, start_date);

CREATE TABLE invoicing.subscription_invoice (
  id text PRIMARY KEY,
  stripe_invoice_id text NOT NULL UNIQUE,
  subscription_id text NOT NULL,
  organization_id text NOT NULL,
  plan_id text NOT NULL,
  -- Stripe's; null while it is a draft.
  number text,
  amount_minor bigint NOT NULL,
  currency char(3) NOT NULL,
  status text NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
  period_start timestamptz(3) NOT NULL,
  period_end timestamptz(3) NOT NULL,
  pdf_url text,
  created_at timestamptz(3) NOT NULL,
  version bigint NOT NULL
);
CREATE INDEX subscription_invoice_list_idx ON invoicing.subscription_invoice (organization_id, created_at, id);
CREATE INDEX invoice_list_idx ON invoicing.invoice (organization_id, created_at, year, sequence);

-- What a paid period includes: written with its invoice, granted in the ledger afterwards, once each.
CREATE TABLE invoicing.allowance (
  subscription_id text NOT NULL,
  period_end timestamptz(3) NOT NULL,
  unit text NOT NULL,
  plan_id text NOT NULL,
  organization_id text NOT NULL,
  -- More of this unit than the same period had before.
  quantity bigint NOT NULL CHECK (quantity > 0),
  effective_at timestamptz(3) NOT NULL,
  granted_at timestamptz(3),
  PRIMARY KEY (subscription_id, period_end, unit, plan_id)
);
CREATE INDEX allowance_waiting_idx ON invoicing.allowance (effective_at) WHERE granted_at IS NULL;

GRANT SELECT ON invoicing.item, invoicing.plan, invoicing.plan_phase, invoicing.price TO orbit_invoicing;
GRANT SELECT, INSERT ON invoicing.subscription, invoicing.subscription_invoice, invoicing.allowance TO orbit_invoicing;
GRANT UPDATE (
  plan_id, price_id, pending_plan_id, status, provider_status, active_plan_phase_order, end_date, current_period_start,
  current_period_end, cancel_at_period_end, payment_method, version, updated_at
) ON invoicing.subscription TO orbit_invoicing;
GRANT UPDATE (number, amount_minor, status, period_start, period_end, pdf_url, version)
  ON invoicing.subscription_invoice TO orbit_invoicing;
GRANT UPDATE (granted_at) ON invoicing.allowance TO orbit_invoicing;

-- The plans that are offered.
INSERT INTO invoicing.item (id, name, created_at) VALUES
  ('item_subscription', 'Subscription', '2026-01-01T00:00:00Z'),
  ('item_messages', 'Messages', '2026-01-01T00:00:00Z'),
  ('item_voice_minutes', 'Voice minutes', '2026-01-01T00:00:00Z'),
  ('item_agent_invocations', 'Agent invocations', '2026-01-01T00:00:00Z');

INSERT INTO invoicing.plan (id, external_plan_id, name, status, currency, metadata, position, created_at) VALUES
  ('plan_starter', 'plan_starter', 'Starter', 'active', 'USD',
    '{"channels": "sms,email", "agents": "1", "support": "email"}', 1, '2026-01-01T00:00:00Z'),
  ('plan_growth', 'plan_growth', 'Growth', 'active', 'USD',
    '{"channels": "sms,whatsapp,email,rcs", "agents": "5", "support": "priority"}', 2, '2026-01-01T00:00:00Z'),
  ('plan_enterprise', 'plan_enterprise', 'Enterprise', 'active', 'USD',
    '{"channels": "sms,whatsapp,rcs,viber,email,voice", "agents": "unlimited", "support": "dedicated"}', 3, '2026-01-01T00:00:00Z');

INSERT INTO invoicing.price
  (id, plan_id, item_id, name, price_type, model_type, unit_amount, cadence, billing_mode, currency,
   fixed_price_quantity, credit_allocation, position, created_at)
SELECT 'price_' || p.tail || v.tail, 'plan_' || p.tail, v.item, v.name, 'fixed_price', 'unit',
       CASE v.position WHEN 1 THEN p.amount ELSE 0 END, 'monthly', 'in_advance', 'USD',
       CASE v.position WHEN 1 THEN 1 WHEN 2 THEN p.messages WHEN 3 THEN p.minutes ELSE p.invocations END,
       CASE WHEN v.unit IS NULL THEN NULL
            ELSE jsonb_build_object('currency', v.unit, 'allows_rollover', false) END,
       v.position, '2026-01-01T00:00:00Z'
FROM (VALUES ('starter', 49::numeric, 5000, 100, 2000), ('growth', 199, 25000, 500, 10000),
             ('enterprise', NULL, NULL, NULL, NULL)) AS p (tail, amount, messages, minutes, invocations),
     (VALUES ('_monthly', 'item_subscription', 'Subscription', NULL, 1),
             ('_messages', 'item_messages', 'Included messages', 'messages', 2),
             ('_voice_minutes', 'item_voice_minutes', 'Included voice minutes', 'voice_minutes', 3),
             ('_agent_invocations', 'item_agent_invocations', 'Included agent invocations', 'agent_invocations', 4))
       AS v (tail, item, name, unit, position);

-- Which price at Stripe stands for one of ours, and pages by their callers' keys. Owned by apps/checkout.
CREATE TABLE checkout.stripe_price (
  price_id text PRIMARY KEY,
  stripe_price_id text NOT NULL UNIQUE,
  created_at timestamptz(3) NOT NULL
);
CREATE TABLE checkout.plan_checkout (
  organization_id text NOT NULL,
  idempotency_key text NOT NULL,
  body_hash text NOT NULL,
  checkout_url text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (organization_id, idempotency_key)
);
-- Drawn before Stripe is asked: whoever has the highest number saw everything that lower ones saw.
CREATE SEQUENCE checkout.subscription_version;
GRANT SELECT, INSERT ON checkout.stripe_price, checkout.plan_checkout TO orbit_checkout;
GRANT USAGE ON SEQUENCE checkout.subscription_version TO orbit_checkout;

-- Charges in custom units are metered too; periods that begin within a day read single charges of that day.
-- Owned by apps/usage-metering.
ALTER TABLE usage_metering.metered_charge ALTER COLUMN currency TYPE text;
ALTER TABLE usage_metering.usage_rollup ALTER COLUMN currency TYPE text;
CREATE INDEX metered_charge_occurred_idx ON usage_metering.metered_charge (organization_id, occurred_at);
