-- Time of test accounts whose clock was set: it stands at now_at. An account without a row follows real time.
-- One table a service, because no service reads another's; the driver in apps/invoicing moves them together.
CREATE TABLE invoicing.account_clock (
  account_id text PRIMARY KEY,
  now_at timestamptz(3) NOT NULL,
  -- Counts moves.
  version bigint NOT NULL DEFAULT 1
);
GRANT SELECT, INSERT, UPDATE ON invoicing.account_clock TO orbit_invoicing;

CREATE TABLE usage_metering.account_clock (
  account_id text PRIMARY KEY,
  now_at timestamptz(3) NOT NULL,
  -- Counts moves.
  version bigint NOT NULL DEFAULT 1
);
GRANT SELECT, INSERT, UPDATE ON usage_metering.account_clock TO orbit_usage_metering;

CREATE TABLE wallet_ledger.account_clock (
  account_id text PRIMARY KEY,
  now_at timestamptz(3) NOT NULL,
  -- Counts moves.
  version bigint NOT NULL DEFAULT 1
);
GRANT SELECT, INSERT, UPDATE ON wallet_ledger.account_clock TO orbit_wallet_ledger;

CREATE TABLE checkout.account_clock (
  account_id text PRIMARY KEY,
  now_at timestamptz(3) NOT NULL,
  -- Counts moves.
  version bigint NOT NULL DEFAULT 1
);
GRANT SELECT, INSERT, UPDATE ON checkout.account_clock TO orbit_checkout;
