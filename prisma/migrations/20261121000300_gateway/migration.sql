-- Owned by apps/gateway: organizations and their API keys. Only keyed hashes of keys are stored.
CREATE TABLE gateway.organization (
  id text PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz(3) NOT NULL
);

-- Keyset page of the operator's list, newest first.
CREATE INDEX organization_created_at_id_idx ON gateway.organization (created_at DESC, id DESC);

CREATE TABLE gateway.api_key (
  id text PRIMARY KEY,
  organization_id text NOT NULL REFERENCES gateway.organization (id),
  mode text NOT NULL CHECK (mode IN ('test', 'live')),
  -- HMAC-SHA256 of the key under API_KEY_HASH_SECRET, lower case hexadecimal.
  key_hash char(64) NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  -- The last four characters: enough for a person to tell keys apart.
  last_four char(4) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3)
);

CREATE INDEX api_key_organization_id_idx ON gateway.api_key (organization_id);

-- A key is never deleted and never changes but for its revocation.
GRANT SELECT, INSERT ON gateway.organization TO orbit_gateway;
GRANT SELECT, INSERT ON gateway.api_key TO orbit_gateway;
GRANT UPDATE (revoked_at) ON gateway.api_key TO orbit_gateway;
