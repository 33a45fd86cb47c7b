-- Owned by apps/checkout: top-ups of wallets in custom units. What is paid is money, what is credited are units.

ALTER TABLE checkout.topup
  DROP CONSTRAINT topup_currency_check,
  -- The unit of the wallet: money of one currency, or a custom unit. `amount_micros` is in it.
  ADD CONSTRAINT topup_currency_check CHECK (currency ~ '^([A-Z]{3}|[a-z][a-z0-9_]{3,31})$'),
  -- What is asked for at Stripe. `amount_minor` is in its minor units.
  ADD COLUMN payment_currency text CHECK (payment_currency ~ '^[A-Z]{3}$');

UPDATE checkout.topup SET payment_currency = currency;

ALTER TABLE checkout.topup
  ALTER COLUMN payment_currency SET NOT NULL,
  -- Money buys a wallet of that money at par, whatever it is called.
  ADD CONSTRAINT topup_unit_check CHECK (currency = payment_currency OR currency ~ '^[a-z]');

-- The unit of `amount_micros`; `currency` is the payment's.
ALTER TABLE checkout.refund ADD COLUMN unit text;
UPDATE checkout.refund SET unit = (SELECT t.currency FROM checkout.topup t WHERE t.id = topup_id);
ALTER TABLE checkout.refund ALTER COLUMN unit SET NOT NULL;

ALTER TABLE checkout.dispute ADD COLUMN unit text;
UPDATE checkout.dispute SET unit = (SELECT t.currency FROM checkout.topup t WHERE t.id = topup_id);
ALTER TABLE checkout.dispute ALTER COLUMN unit SET NOT NULL;

-- Owned by apps/gateway: an organization whose wallet is in a custom unit.
ALTER TABLE gateway.organization
  DROP CONSTRAINT organization_currency_check,
  ALTER COLUMN currency TYPE text,
  ADD CONSTRAINT organization_currency_check CHECK (currency ~ '^([A-Z]{3}|[a-z][a-z0-9_]{3,31})$');
