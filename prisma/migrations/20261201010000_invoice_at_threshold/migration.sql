-- What partial invoices took of a line's charge before: {gross, credit}, in the unit of its price; null: nothing.
ALTER TABLE invoicing.orb_invoice_line ADD COLUMN prior jsonb;

-- Whether the subscription, or a plan of it, names an invoicing threshold.
ALTER TABLE invoicing.orb_subscription ADD COLUMN has_threshold boolean NOT NULL DEFAULT false;
GRANT UPDATE (has_threshold) ON invoicing.orb_subscription TO orbit_invoicing;
CREATE INDEX orb_subscription_threshold_idx ON invoicing.orb_subscription (account_id, id) WHERE has_threshold;

-- Subscriptions with a threshold, as they were judged last.
CREATE TABLE invoicing.threshold_watch (
  subscription_id text PRIMARY KEY REFERENCES invoicing.orb_subscription (id),
  -- Of the subscription's row; another one: it has changed since.
  row_version text NOT NULL,
  customer_ids text[] NOT NULL,
  usage_version text NOT NULL,
  -- It has ended: nothing is judged unless it changes.
  is_over boolean NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON invoicing.threshold_watch TO orbit_invoicing;
