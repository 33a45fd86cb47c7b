-- A document draws once of each wallet: prices may be in several units.
ALTER TABLE wallet_ledger.document_draw ADD COLUMN currency text;
UPDATE wallet_ledger.document_draw SET currency = answer->>'currency';
ALTER TABLE wallet_ledger.document_draw ALTER COLUMN currency SET NOT NULL,
  DROP CONSTRAINT document_draw_pkey, ADD PRIMARY KEY (document_id, currency);
