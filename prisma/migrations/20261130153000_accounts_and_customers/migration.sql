-- Accounts: whose organizations, keys and catalogue these are. Owned by apps/gateway.
CREATE TABLE gateway.account (
  id text PRIMARY KEY CHECK (id ~ '^acct_[A-Za-z0-9]+$'),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  mode text NOT NULL CHECK (mode IN ('live', 'test')),
  -- Of organizations that are made over /v1; ISO 4217.
  default_currency text NOT NULL CHECK (default_currency ~ '^[A-Z]{3}$'),
  -- IANA name; of customers that name none.
  timezone text NOT NULL,
  -- Signs webhooks, so it is kept as it is. Null until the first key is made.
  webhook_secret text,
  created_at timestamptz(3) NOT NULL
);
-- Everything from before belongs to this one. It has no key until somebody makes one.
INSERT INTO gateway.account (id, name, mode, default_currency, timezone, created_at)
VALUES ('acct_live', 'Live', 'live', 'USD', 'UTC', '2026-11-30T00:00:00Z');

CREATE TABLE gateway.account_key (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES gateway.account (id),
  key_hash char(64) NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  last_four char(4) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3)
);
CREATE INDEX account_key_account_id_idx ON gateway.account_key (account_id);

-- Instances from before this migration go on: what they do not name has a default, which a later one drops.
ALTER TABLE gateway.organization
  ADD COLUMN account_id text NOT NULL DEFAULT 'acct_live' REFERENCES gateway.account (id),
  -- The operator's own name for it over /v1.
  ADD COLUMN external_customer_id text CHECK (length(external_customer_id) BETWEEN 1 AND 255),
  -- creating: invoicing may not have its profile yet; failed: it was refused.
  ADD COLUMN state text NOT NULL DEFAULT 'active'
    CHECK (state IN ('creating', 'active', 'failed', 'deleted')),
  -- What invoicing is still to be told, as it was asked for; null when it knows.
  ADD COLUMN pending_profile jsonb;
CREATE UNIQUE INDEX organization_external_customer_id_key
  ON gateway.organization (account_id, external_customer_id) WHERE state IN ('creating', 'active');
CREATE INDEX organization_pending_idx ON gateway.organization (created_at)
  WHERE pending_profile IS NOT NULL;

GRANT SELECT, INSERT ON gateway.account, gateway.account_key TO orbit_gateway;
GRANT UPDATE (webhook_secret) ON gateway.account TO orbit_gateway;
GRANT UPDATE (revoked_at) ON gateway.account_key TO orbit_gateway;
GRANT UPDATE (external_customer_id, state, pending_profile) ON gateway.organization TO orbit_gateway;

-- Billing profiles of customers. A customer is an organization: the id is the gateway's. Owned by apps/invoicing.
CREATE TABLE invoicing.customer (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  -- Order of making, where two have one created_at.
  position bigint GENERATED ALWAYS AS IDENTITY,
  -- A copy of the gateway's.
  external_customer_id text,
  name text NOT NULL,
  email text NOT NULL,
  timezone text NOT NULL,
  -- Null until it is said or a subscription brings one.
  currency text,
  metadata jsonb NOT NULL DEFAULT '{}',
  -- Addresses, tax id and settings, as the contract writes them.
  details jsonb NOT NULL DEFAULT '{}',
  parent_id text REFERENCES invoicing.customer (id),
  created_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3)
);
CREATE INDEX customer_list_idx ON invoicing.customer (account_id, created_at DESC, position DESC)
  WHERE deleted_at IS NULL;
CREATE INDEX customer_parent_idx ON invoicing.customer (parent_id) WHERE parent_id IS NOT NULL;

-- Organizations from before are customers of the live account.
INSERT INTO invoicing.customer (id, account_id, name, email, timezone, created_at)
SELECT id, 'acct_live', name, '', 'UTC', created_at FROM gateway.organization ORDER BY created_at, id;

-- Answers of requests with an Idempotency-Key, written with their effect and kept for 48 hours.
CREATE TABLE invoicing.idempotency_record (
  account_id text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status smallint NOT NULL,
  body text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_record_created_at_idx ON invoicing.idempotency_record (created_at);

ALTER TABLE invoicing.item
  ADD COLUMN account_id text NOT NULL DEFAULT 'acct_live',
  ADD COLUMN external_connections jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX item_list_idx ON invoicing.item (account_id, created_at DESC, position DESC);

GRANT SELECT, INSERT ON invoicing.customer TO orbit_invoicing;
GRANT UPDATE (external_customer_id, name, email, currency, metadata, details, parent_id, deleted_at)
  ON invoicing.customer TO orbit_invoicing;
GRANT SELECT, INSERT, UPDATE, DELETE ON invoicing.idempotency_record TO orbit_invoicing;
GRANT INSERT ON invoicing.item TO orbit_invoicing;
GRANT UPDATE (name, metadata, external_connections, archived_at) ON invoicing.item TO orbit_invoicing;
