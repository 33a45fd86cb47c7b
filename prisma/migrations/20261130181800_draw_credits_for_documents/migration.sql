-- What each document of invoicing drew, as it was told: once, whatever the wallet holds later.
CREATE TABLE wallet_ledger.document_draw (
  document_id text PRIMARY KEY,
  answer jsonb NOT NULL,
  drawn_at timestamptz(3) NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON wallet_ledger.document_draw TO orbit_wallet_ledger;

-- Of rows that tell such a draw.
ALTER TABLE wallet_ledger.statement ADD COLUMN price_id text, ADD COLUMN invoice_id text;
