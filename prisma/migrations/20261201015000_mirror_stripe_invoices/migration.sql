-- Invoices that Stripe made stand in one list with ours: their place comes from the same sequence.
GRANT USAGE ON SEQUENCE invoicing.orb_invoice_position_seq TO orbit_invoicing;
ALTER TABLE invoicing.subscription_invoice
  ADD COLUMN position bigint NOT NULL DEFAULT nextval('invoicing.orb_invoice_position_seq');
