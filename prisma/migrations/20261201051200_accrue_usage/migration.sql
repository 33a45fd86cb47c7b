-- Usage that is on no invoice yet, as invoicing told it last: what of it credit would pay is set aside by one escrow
-- per wallet. Mutable, sealed by nothing, and read by no charge.
CREATE TABLE wallet_ledger.accrual (
  wallet_no bigint NOT NULL REFERENCES wallet_ledger.wallet (wallet_no),
  subscription_id text NOT NULL,
  -- Of invoicing: what was told before it counts no more.
  version bigint NOT NULL,
  -- [{line_id, price_id, amount, used_at}], one a line and local day.
  parts jsonb NOT NULL,
  PRIMARY KEY (wallet_no, subscription_id)
);
GRANT SELECT, INSERT, UPDATE ON wallet_ledger.accrual TO orbit_wallet_ledger;

ALTER TABLE wallet_ledger.escrow DROP CONSTRAINT escrow_kind_check,
  ADD CONSTRAINT escrow_kind_check CHECK (kind IN ('lease', 'refund', 'dispute', 'usage'));

-- Orders what invoicing tells the ledger of one subscription.
CREATE SEQUENCE invoicing.accrual_version;
GRANT USAGE ON SEQUENCE invoicing.accrual_version TO orbit_invoicing;

-- How a subscription was seen when its usage was told last.
CREATE TABLE invoicing.accrual_watch (
  subscription_id text PRIMARY KEY,
  row_version text NOT NULL,
  -- Of its documents: one more, or one that went on, is a reason to look again.
  documents text NOT NULL,
  usage_version text NOT NULL,
  customer_ids text[] NOT NULL,
  -- Currencies and units in which the ledger keeps something of it.
  currencies text[] NOT NULL,
  -- Nothing will be used any more.
  is_over boolean NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON invoicing.accrual_watch TO orbit_invoicing;
CREATE INDEX accrual_watch_told_idx ON invoicing.accrual_watch (subscription_id) WHERE currencies <> '{}';
