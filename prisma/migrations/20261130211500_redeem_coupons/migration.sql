-- Which subscription redeemed which coupon. Owned by apps/invoicing. A redemption that is given
-- back (its plan never began, it was removed) stays as a row; `coupon.times_redeemed` counts those
-- that are not.
CREATE TABLE invoicing.coupon_redemption (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id text NOT NULL,
  coupon_id text NOT NULL,
  subscription_id text NOT NULL REFERENCES invoicing.orb_subscription (id),
  -- Of the interval in the subscription's timeline.
  interval_id text NOT NULL UNIQUE,
  redeemed_at timestamptz NOT NULL,
  released_at timestamptz,
  FOREIGN KEY (account_id, coupon_id) REFERENCES invoicing.coupon (account_id, id)
);
CREATE INDEX coupon_redemption_coupon_idx ON invoicing.coupon_redemption (account_id, coupon_id);
GRANT SELECT, INSERT ON invoicing.coupon_redemption TO orbit_invoicing;
GRANT UPDATE (released_at) ON invoicing.coupon_redemption TO orbit_invoicing;
