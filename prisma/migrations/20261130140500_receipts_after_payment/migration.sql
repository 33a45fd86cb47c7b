-- Receipts: numbers per seller and year, what happens to a payment after it was made, and credit notes.
-- Owned by apps/invoicing. Instances from before this migration fail to issue from here on; their
-- top-ups come again.

-- The last number given of each kind of document, per seller and year. Raised by one UPDATE in the
-- transaction that issues.
CREATE TABLE invoicing.document_series (
  account text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('receipt', 'invoice', 'credit_note')),
  year integer NOT NULL CHECK (year BETWEEN 2000 AND 2999),
  last integer NOT NULL CHECK (last >= 0),
  PRIMARY KEY (account, kind, year)
);
-- Receipts were numbered per organization: the seller goes on behind the largest of them, so that no
-- number comes twice again.
INSERT INTO invoicing.document_series (account, kind, year, last)
SELECT 'acct_live', 'receipt', year, max(sequence) FROM invoicing.invoice GROUP BY year;
DROP TABLE invoicing.invoice_counter;

ALTER TABLE invoicing.invoice
  ADD COLUMN account text NOT NULL DEFAULT 'acct_live',
  ADD COLUMN is_numbered_by_seller boolean NOT NULL DEFAULT false,
  -- What the wallet got for the payment, in its own unit; null on receipts from before.
  ADD COLUMN credited_micros bigint CHECK (credited_micros > 0),
  ADD COLUMN credited_unit text,
  ADD CONSTRAINT invoice_credited_check CHECK ((credited_micros IS NULL) = (credited_unit IS NULL)),
  DROP CONSTRAINT invoice_status_check,
  ADD CONSTRAINT invoice_status_check CHECK (status IN
    ('paid', 'partially_refunded', 'refunded', 'disputed', 'charged_back', 'partially_void', 'void'));
-- Old receipts keep their numbers; whoever does not say how it numbered is refused.
ALTER TABLE invoicing.invoice
  ALTER COLUMN account DROP DEFAULT,
  ALTER COLUMN is_numbered_by_seller DROP DEFAULT;
CREATE UNIQUE INDEX invoice_seller_number_key ON invoicing.invoice (account, year, sequence)
  WHERE is_numbered_by_seller;

-- What happened to a payment after it was made: the last known fact of each refund, dispute and withdrawal.
-- It may come before the receipt of its top-up, so it does not refer to one.
CREATE TABLE invoicing.receipt_correction (
  organization_id text NOT NULL,
  kind text NOT NULL,
  correction_id text NOT NULL,
  topup_id text NOT NULL,
  state text NOT NULL,
  -- Of the state: facts come in any order, and a lower rank never overwrites a higher one.
  rank smallint NOT NULL CHECK (rank BETWEEN 1 AND 3),
  -- In the unit of the wallet. Only a withdrawal may be negative: credit that was given back.
  amount_micros bigint NOT NULL CHECK (amount_micros > 0 OR kind = 'withdrawal'),
  unit text NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  PRIMARY KEY (organization_id, kind, correction_id),
  CONSTRAINT receipt_correction_state_check CHECK (
    (kind = 'refund' AND state IN ('pending', 'completed', 'failed'))
    OR (kind = 'dispute' AND state IN ('opened', 'won', 'lost'))
    OR (kind = 'withdrawal' AND state IN ('amended', 'voided')))
);
CREATE INDEX receipt_correction_topup_idx ON invoicing.receipt_correction (topup_id);

-- One per refund or lost dispute: money of a receipt that went back.
CREATE TABLE invoicing.credit_note (
  id text PRIMARY KEY,
  account text NOT NULL,
  organization_id text NOT NULL,
  invoice_id text NOT NULL REFERENCES invoicing.invoice (id),
  year integer NOT NULL,
  sequence integer NOT NULL CHECK (sequence >= 1),
  number text NOT NULL,
  reason text NOT NULL CHECK (reason IN ('refund', 'dispute')),
  correction_id text NOT NULL,
  -- Minor units of the receipt's currency.
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  status text NOT NULL CHECK (status IN ('issued', 'void')),
  credited_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT credit_note_number_check CHECK (
    number = 'CN-' || lpad(year::text, 4, '0') || '-' || lpad(sequence::text, greatest(3, length(sequence::text)), '0')
  ),
  UNIQUE (account, year, sequence),
  UNIQUE (invoice_id, reason, correction_id)
);
CREATE INDEX credit_note_organization_idx ON invoicing.credit_note (organization_id, id);

-- Documents never change but for their status, and nobody deletes one.
GRANT SELECT, INSERT ON invoicing.document_series, invoicing.receipt_correction, invoicing.credit_note
  TO orbit_invoicing;
GRANT UPDATE (last) ON invoicing.document_series TO orbit_invoicing;
GRANT UPDATE (state, rank, amount_micros, occurred_at) ON invoicing.receipt_correction TO orbit_invoicing;
GRANT UPDATE (status) ON invoicing.credit_note TO orbit_invoicing;
