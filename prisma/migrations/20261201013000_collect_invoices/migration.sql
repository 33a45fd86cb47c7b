-- When an issued invoice is charged by itself next, in the account's time; null: it is not.
ALTER TABLE invoicing.orb_invoice ADD COLUMN collect_at timestamptz(3);
GRANT UPDATE (collect_at) ON invoicing.orb_invoice TO orbit_invoicing;
CREATE INDEX orb_invoice_collect_idx ON invoicing.orb_invoice (account_id, collect_at)
  WHERE collect_at IS NOT NULL AND status = 'issued';

-- Nobody asked for it: the invoice collects itself.
ALTER TABLE invoicing.payment_attempt ADD COLUMN is_automatic boolean NOT NULL DEFAULT false;
