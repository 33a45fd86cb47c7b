-- What a priced document draws of prepaid credit, by currency or unit; null: nothing.
ALTER TABLE invoicing.orb_invoice ADD COLUMN draw jsonb;
GRANT UPDATE (draw) ON invoicing.orb_invoice TO orbit_invoicing;
-- A document that was priced is issued, also one that is issued by hand.
CREATE INDEX orb_invoice_priced_idx ON invoicing.orb_invoice (account_id, eligible_at)
  WHERE stage IN ('priced', 'drawn');

-- What a line cost before credit and does not any more, in the unit of its price; and the prepaid credit that went
-- back. `credited` is the money.
ALTER TABLE invoicing.orb_invoice_line
  ADD COLUMN undone numeric NOT NULL DEFAULT 0 CHECK (undone >= 0),
  ADD COLUMN returned numeric NOT NULL DEFAULT 0 CHECK (returned >= 0);
UPDATE invoicing.orb_invoice_line SET undone = credited WHERE charge_key IS NOT NULL;
GRANT UPDATE (undone, returned) ON invoicing.orb_invoice_line TO orbit_invoicing;

-- Prepaid credit that a correction gives back; the ledger is told of each until it has booked it.
CREATE TABLE invoicing.credit_return (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL,
  invoice_id text NOT NULL REFERENCES invoicing.orb_invoice (id),
  line_id text NOT NULL,
  currency text NOT NULL,
  amount numeric NOT NULL CHECK (amount > 0),
  -- In the account's time.
  due_at timestamptz(3) NOT NULL,
  returned_at timestamptz(3)
);
CREATE INDEX credit_return_due_idx ON invoicing.credit_return (account_id, due_at) WHERE returned_at IS NULL;
GRANT SELECT, INSERT, UPDATE (returned_at) ON invoicing.credit_return TO orbit_invoicing;
