-- Whether a key carries a check that only we can make. Keys from before have none, and stay valid; the gateway keeps
-- the hashes of those in memory where an address guesses.
ALTER TABLE gateway.api_key ADD COLUMN has_check boolean NOT NULL DEFAULT false;
ALTER TABLE gateway.account_key ADD COLUMN has_check boolean NOT NULL DEFAULT false;
CREATE INDEX api_key_unchecked_idx ON gateway.api_key (id) WHERE NOT has_check AND revoked_at IS NULL;
CREATE INDEX account_key_unchecked_idx ON gateway.account_key (id) WHERE NOT has_check AND revoked_at IS NULL;
