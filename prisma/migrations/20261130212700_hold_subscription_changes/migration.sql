-- Changes of subscriptions that were asked for and wait until somebody applies them. Owned by
-- apps/invoicing. `call` is the request as it came; it is carried out when the change is applied.
-- Past its expiry a pending change counts as cancelled, in account time.
CREATE TABLE invoicing.subscription_change (
  position bigint GENERATED ALWAYS AS IDENTITY,
  account_id text NOT NULL,
  id text NOT NULL,
  customer_id text NOT NULL REFERENCES invoicing.customer (id),
  -- Of a subscription that is to be made: the id that it will have.
  subscription_id text NOT NULL,
  operation text NOT NULL,
  call jsonb NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'applied', 'cancelled')),
  -- The subscription and its documents as they would be; once applied, as they became.
  shown jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  applied_at timestamptz(3),
  cancelled_at timestamptz(3),
  PRIMARY KEY (account_id, id),
  CHECK ((status = 'applied') = (applied_at IS NOT NULL)),
  CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
);
CREATE UNIQUE INDEX subscription_change_pending_key
  ON invoicing.subscription_change (account_id, subscription_id) WHERE status = 'pending';
CREATE INDEX subscription_change_list_idx
  ON invoicing.subscription_change (account_id, created_at DESC, position DESC);
GRANT SELECT, INSERT ON invoicing.subscription_change TO orbit_invoicing;
GRANT UPDATE (status, shown, applied_at, cancelled_at) ON invoicing.subscription_change
  TO orbit_invoicing;
