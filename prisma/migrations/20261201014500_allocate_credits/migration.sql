-- Blocks that plans give: they come about like sold ones, without an invoice of their own.
ALTER TABLE wallet_ledger.sold_block DROP CONSTRAINT sold_block_source_check,
  ADD CONSTRAINT sold_block_source_check CHECK (source IN ('manual', 'top_up', 'allocation'));
ALTER TABLE invoicing.credit_purchase
  ADD COLUMN source text NOT NULL DEFAULT 'manual' CHECK (source IN ('manual', 'top_up', 'allocation')),
  DROP CONSTRAINT credit_purchase_check;
UPDATE invoicing.credit_purchase SET source = 'top_up' WHERE top_up_id IS NOT NULL;
ALTER TABLE invoicing.credit_purchase ALTER COLUMN source DROP DEFAULT,
  ADD CONSTRAINT credit_purchase_invoice_check
  CHECK (stage IN ('opening', 'refused') OR invoice_id IS NOT NULL OR source = 'allocation');
