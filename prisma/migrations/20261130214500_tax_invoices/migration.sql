-- Tax rates of an account, set as a whole by its operator. Owned by apps/invoicing.
CREATE TABLE invoicing.tax_rates (
  account_id text PRIMARY KEY,
  rates jsonb NOT NULL,
  changed_at timestamptz(3) NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON invoicing.tax_rates TO orbit_invoicing;

-- Tax on top of a line; what is contained in its amount stands in the body alone.
ALTER TABLE invoicing.orb_invoice_line ADD COLUMN tax numeric NOT NULL DEFAULT 0;
