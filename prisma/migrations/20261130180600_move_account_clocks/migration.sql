-- Where a clock is being moved to: until it has arrived, requests of the account that change something wait.
ALTER TABLE invoicing.account_clock ADD COLUMN moving_to timestamptz(3);
ALTER TABLE usage_metering.account_clock ADD COLUMN moving_to timestamptz(3);
ALTER TABLE wallet_ledger.account_clock ADD COLUMN moving_to timestamptz(3);
ALTER TABLE checkout.account_clock ADD COLUMN moving_to timestamptz(3);

-- The driver that moves it, by its lease; another one goes on when that has lapsed. Real time.
ALTER TABLE invoicing.account_clock ADD COLUMN driven_until timestamptz(3);
CREATE INDEX account_clock_moving_idx ON invoicing.account_clock (account_id) WHERE moving_to IS NOT NULL;
