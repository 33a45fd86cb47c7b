-- Licenses (seats) of subscriptions, each for a time. Owned by apps/invoicing. One external id of a
-- type has one license of a subscription at a time; whoever gives one holds the subscription.
CREATE TABLE invoicing.license (
  position bigint GENERATED ALWAYS AS IDENTITY,
  account_id text NOT NULL,
  id text NOT NULL,
  subscription_id text NOT NULL REFERENCES invoicing.orb_subscription (id),
  license_type_id text NOT NULL,
  external_license_id text NOT NULL,
  start_at timestamptz(3) NOT NULL,
  end_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, license_type_id) REFERENCES invoicing.license_type (account_id, id),
  CHECK (end_at >= start_at)
);
CREATE INDEX license_list_idx
  ON invoicing.license (subscription_id, created_at DESC, position DESC);
GRANT SELECT, INSERT ON invoicing.license TO orbit_invoicing;
GRANT UPDATE (end_at) ON invoicing.license TO orbit_invoicing;
