-- What an operator says of a key, and what happened to it. Keys from before may do everything.
ALTER TABLE gateway.api_key
  ADD COLUMN name text CHECK (length(name) BETWEEN 1 AND 200),
  ADD COLUMN scopes text[] NOT NULL DEFAULT '{read,spend,manage}'
    CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'spend', 'manage']),
  ADD COLUMN created_by text,
  ADD COLUMN expires_at timestamptz(3),
  ADD COLUMN last_used_at timestamptz(3),
  ADD COLUMN replaced_by text;
GRANT UPDATE (expires_at, last_used_at, replaced_by) ON gateway.api_key TO orbit_gateway;

-- Named keys of operators. The key of the environment makes the first one, and is stored nowhere.
CREATE TABLE gateway.operator_key (
  id text PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role text NOT NULL CHECK (role IN ('owner', 'finance', 'support', 'viewer')),
  -- HMAC-SHA256 of the key under API_KEY_HASH_SECRET, lower case hexadecimal.
  key_hash char(64) NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  last_four char(4) NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  replaced_by text
);
-- A key is never deleted; its role and its hash never change.
GRANT SELECT, INSERT ON gateway.operator_key TO orbit_gateway;
GRANT UPDATE (expires_at, last_used_at, revoked_at, replaced_by) ON gateway.operator_key TO orbit_gateway;

-- The trail of changes: a row for what was asked, before it may happen, and one for its outcome. Nobody has a right
-- to change or delete one.
CREATE TABLE gateway.audit_entry (
  id text PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  outcome_of text UNIQUE REFERENCES gateway.audit_entry (id),
  door text CHECK (door IN ('operator key', 'organization key', 'account key')),
  key_id text,
  organization_id text,
  account_id text,
  method text,
  route text,
  subject text,
  request_id text,
  address text,
  asked jsonb,
  status integer,
  before jsonb,
  after jsonb,
  CHECK (CASE WHEN outcome_of IS NULL
    THEN num_nulls(door, key_id, method, route, subject, request_id, address) = 0 AND status IS NULL
    ELSE status IS NOT NULL AND num_nonnulls(door, key_id, organization_id, account_id, method, route, subject) = 0
  END)
);
CREATE INDEX audit_entry_at_id_idx ON gateway.audit_entry (at DESC, id DESC) WHERE outcome_of IS NULL;
CREATE INDEX audit_entry_organization_idx ON gateway.audit_entry (organization_id, at DESC)
  WHERE organization_id IS NOT NULL;
CREATE INDEX audit_entry_key_idx ON gateway.audit_entry (key_id, at DESC) WHERE key_id IS NOT NULL;
CREATE INDEX audit_entry_request_idx ON gateway.audit_entry (request_id) WHERE request_id IS NOT NULL;
GRANT SELECT, INSERT ON gateway.audit_entry TO orbit_gateway;
CREATE FUNCTION gateway.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON gateway.audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION gateway.refuse_audit_change();
