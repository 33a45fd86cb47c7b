-- What charges cost. Append only: a charge names the version it was rated with. organization_id ''
-- is the account itself.
CREATE TABLE wallet_ledger.rate_card (
  account_id text NOT NULL,
  organization_id text NOT NULL DEFAULT '',
  version integer NOT NULL CHECK (version > 0),
  effective_at timestamptz(3) NOT NULL,
  -- JSON as it was put.
  prices text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, organization_id, version)
);
CREATE INDEX rate_card_effective_idx
  ON wallet_ledger.rate_card (account_id, organization_id, effective_at DESC, version DESC);
GRANT SELECT, INSERT ON wallet_ledger.rate_card TO orbit_wallet_ledger;

-- What charges by a price cost beyond the whole micros that were posted, in micros; whole ones are
-- booked to `rounding`.
CREATE TABLE wallet_ledger.price_remainder (
  wallet_no bigint NOT NULL REFERENCES wallet_ledger.wallet (wallet_no),
  price text NOT NULL,
  fraction numeric NOT NULL CHECK (fraction > -1 AND fraction < 1),
  PRIMARY KEY (wallet_no, price)
);
GRANT SELECT, INSERT, UPDATE ON wallet_ledger.price_remainder TO orbit_wallet_ledger;
