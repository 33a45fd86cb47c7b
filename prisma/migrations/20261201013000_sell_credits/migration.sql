-- The id of a block that was sold with an invoice: it had it before anything was booked.
ALTER TABLE wallet_ledger.block_terms ADD COLUMN public_id text UNIQUE;

-- Blocks that invoicing sells: beside the books until they are granted, for their answers after.
CREATE TABLE wallet_ledger.sold_block (
  -- The block's id.
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  currency text NOT NULL,
  -- Order of making; newer ones stand first in lists.
  position bigint GENERATED ALWAYS AS IDENTITY,
  status text NOT NULL CHECK (status IN ('pending', 'active', 'void')),
  -- Of the increment, as it was asked for.
  call jsonb NOT NULL,
  source text NOT NULL CHECK (source IN ('manual', 'top_up')),
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  effective_at timestamptz(3),
  expires_at timestamptz(3),
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL,
  -- As the increment was answered, and its entry in the books. Null: it was not booked.
  entry text,
  sequence bigint,
  CHECK ((entry IS NULL) = (sequence IS NULL)),
  CHECK (status <> 'active' OR sequence IS NOT NULL)
);
CREATE INDEX sold_block_pending_idx ON wallet_ledger.sold_block (organization_id, currency) WHERE status = 'pending';
GRANT SELECT, INSERT ON wallet_ledger.sold_block TO orbit_wallet_ledger;
GRANT UPDATE (status, metadata, entry, sequence) ON wallet_ledger.sold_block TO orbit_wallet_ledger;

-- Automatic top-ups: what asks for credit whenever a balance is low. Owned by apps/invoicing.
CREATE TABLE invoicing.credit_top_up (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL,
  currency text NOT NULL,
  -- Order of making, where two have one created_at.
  position bigint GENERATED ALWAYS AS IDENTITY,
  -- Decimals, as they were written.
  threshold text NOT NULL,
  amount text NOT NULL,
  per_unit_cost_basis text NOT NULL,
  invoice_settings jsonb NOT NULL,
  expires_after integer,
  expires_after_unit text,
  active_from timestamptz(3) NOT NULL,
  -- The entry of the wallet up to which its balance was looked at; null: not at all yet.
  seen_sequence bigint,
  created_at timestamptz(3) NOT NULL,
  -- It was replaced, deleted, or an invoice of it became void.
  ended_at timestamptz(3)
);
CREATE UNIQUE INDEX credit_top_up_active_idx ON invoicing.credit_top_up (customer_id, currency) WHERE ended_at IS NULL;
CREATE INDEX credit_top_up_account_idx ON invoicing.credit_top_up (account_id) WHERE ended_at IS NULL;

-- Credit that is bought with an invoice, by hand or by a top-up. Its id is the block's.
CREATE TABLE invoicing.credit_purchase (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL,
  currency text NOT NULL,
  top_up_id text REFERENCES invoicing.credit_top_up (id),
  stage text NOT NULL
    CHECK (stage IN ('opening', 'refused', 'pending', 'granting', 'granted', 'voiding', 'void')),
  -- As it was asked for: of the ledger, and of its invoice.
  call jsonb NOT NULL,
  request_hash text NOT NULL,
  invoice_settings jsonb NOT NULL,
  invoice_id text,
  -- Answers of the ledger, and why it refused.
  entry text,
  refusal jsonb,
  created_at timestamptz(3) NOT NULL,
  CHECK (stage IN ('opening', 'refused') OR invoice_id IS NOT NULL)
);
CREATE INDEX credit_purchase_open_idx ON invoicing.credit_purchase (account_id, created_at)
  WHERE stage NOT IN ('refused', 'void');
CREATE UNIQUE INDEX credit_purchase_invoice_idx ON invoicing.credit_purchase (invoice_id);
CREATE INDEX credit_purchase_top_up_idx ON invoicing.credit_purchase (top_up_id) WHERE top_up_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON invoicing.credit_top_up, invoicing.credit_purchase TO orbit_invoicing;
