-- Attempts to pay an invoice by a saved payment method. Written down before Stripe is asked; the id is the key there.
CREATE TABLE invoicing.payment_attempt (
  id text PRIMARY KEY,
  invoice_id text NOT NULL REFERENCES invoicing.orb_invoice (id),
  position bigint GENERATED ALWAYS AS IDENTITY,
  amount numeric NOT NULL CHECK (amount > 0),
  -- dropped: there was nothing to pay with, so nothing was attempted.
  status text NOT NULL CHECK (status IN ('open', 'succeeded', 'failed', 'dropped')),
  payment_intent_id text,
  failure text,
  -- In the account's time.
  created_at timestamptz(3) NOT NULL,
  begun_at timestamptz(3) NOT NULL DEFAULT now()
);
-- One payment of an invoice at a time.
CREATE UNIQUE INDEX payment_attempt_open_idx ON invoicing.payment_attempt (invoice_id) WHERE status = 'open';
CREATE INDEX payment_attempt_invoice_idx ON invoicing.payment_attempt (invoice_id);
GRANT SELECT, INSERT, UPDATE (status, payment_intent_id, failure) ON invoicing.payment_attempt TO orbit_invoicing;
