-- Subscriptions that are billed here, and their invoices. Those that Stripe bills stay in invoicing.subscription.
-- Owned by apps/invoicing.
CREATE TABLE invoicing.orb_subscription (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL REFERENCES invoicing.customer (id),
  -- Order of making, where two have one created_at.
  position bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  -- Terms, collection, memo, threshold: as the contract names them.
  settings jsonb NOT NULL,
  -- Everything that is dated: plans, phases, prices, adjustments. Read and written whole, under the row's lock.
  timeline jsonb NOT NULL,
  start_at timestamptz(3) NOT NULL,
  end_at timestamptz(3),
  -- When the billing run has to look at it next; null: never.
  next_due_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  CHECK (end_at >= start_at)
);
CREATE INDEX orb_subscription_list_idx ON invoicing.orb_subscription (account_id, created_at DESC, position DESC);
CREATE INDEX orb_subscription_customer_idx ON invoicing.orb_subscription (customer_id);
CREATE INDEX orb_subscription_due_idx ON invoicing.orb_subscription (account_id, next_due_at)
  WHERE next_due_at IS NOT NULL;

CREATE TABLE invoicing.orb_invoice (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL REFERENCES invoicing.customer (id),
  -- Null: one-off.
  subscription_id text REFERENCES invoicing.orb_subscription (id),
  position bigint GENERATED ALWAYS AS IDENTITY,
  source text NOT NULL CHECK (source IN ('subscription', 'partial', 'one_off')),
  -- How far a document got; each step is one transaction. Up to drawn it is a draft to everybody.
  stage text NOT NULL CHECK (stage IN ('due', 'closed', 'priced', 'drawn', 'issued')),
  status text NOT NULL CHECK (status IN ('draft', 'issued', 'paid', 'synced', 'void')),
  -- Given when it is issued; unique per account.
  number text,
  currency text NOT NULL,
  invoice_date timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  -- From then on it may be issued; null: nobody knows yet.
  eligible_at timestamptz(3),
  will_auto_issue boolean NOT NULL,
  net_terms integer NOT NULL CHECK (net_terms >= 0),
  due_at timestamptz(3),
  issued_at timestamptz(3),
  paid_at timestamptz(3),
  payment_received_at timestamptz(3),
  voided_at timestamptz(3),
  -- Of a document that is issued; of a draft as of its last look.
  subtotal numeric NOT NULL DEFAULT 0,
  total numeric NOT NULL DEFAULT 0,
  amount_due numeric NOT NULL DEFAULT 0,
  -- Whether it waits for usage.
  has_usage boolean NOT NULL,
  -- What a period held when it was closed, by charge.
  closed jsonb,
  metadata jsonb NOT NULL DEFAULT '{}',
  -- What else it shows, as of its issue: memo, addresses, discounts.
  document jsonb NOT NULL DEFAULT '{}',
  UNIQUE (account_id, number),
  CHECK ((stage = 'issued') = (status <> 'draft')),
  CHECK ((stage = 'issued') = (number IS NOT NULL))
);
CREATE INDEX orb_invoice_list_idx ON invoicing.orb_invoice (account_id, invoice_date DESC, position DESC);
CREATE INDEX orb_invoice_subscription_idx ON invoicing.orb_invoice (subscription_id, invoice_date)
  WHERE subscription_id IS NOT NULL;
CREATE INDEX orb_invoice_customer_idx ON invoicing.orb_invoice (customer_id);
CREATE INDEX orb_invoice_eligible_idx ON invoicing.orb_invoice (account_id, eligible_at)
  WHERE stage <> 'issued' AND will_auto_issue;

CREATE TABLE invoicing.orb_invoice_line (
  id text PRIMARY KEY,
  invoice_id text NOT NULL REFERENCES invoicing.orb_invoice (id),
  subscription_id text,
  -- The charge that it bills: a price interval in one period. Null: somebody wrote the line.
  charge_key text,
  position integer NOT NULL,
  amount numeric NOT NULL,
  -- What was given back of it.
  credited numeric NOT NULL DEFAULT 0 CHECK (credited >= 0),
  body jsonb NOT NULL,
  UNIQUE (invoice_id, position)
);
-- A document bills a charge once.
CREATE UNIQUE INDEX orb_invoice_line_charge_key ON invoicing.orb_invoice_line (invoice_id, charge_key)
  WHERE charge_key IS NOT NULL;
CREATE INDEX orb_invoice_line_subscription_idx ON invoicing.orb_invoice_line (subscription_id, charge_key)
  WHERE subscription_id IS NOT NULL;

CREATE TABLE invoicing.orb_credit_note (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL REFERENCES invoicing.customer (id),
  invoice_id text NOT NULL REFERENCES invoicing.orb_invoice (id),
  position bigint GENERATED ALWAYS AS IDENTITY,
  number text NOT NULL,
  type text NOT NULL CHECK (type IN ('refund', 'adjustment')),
  reason text NOT NULL,
  memo text,
  total numeric NOT NULL CHECK (total > 0),
  lines jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  voided_at timestamptz(3),
  UNIQUE (account_id, number)
);
CREATE INDEX orb_credit_note_list_idx ON invoicing.orb_credit_note (account_id, created_at DESC, position DESC);
CREATE INDEX orb_credit_note_invoice_idx ON invoicing.orb_credit_note (invoice_id);

-- What a customer has to its credit beside its wallet: money that the next invoice takes.
CREATE TABLE invoicing.balance_transaction (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL REFERENCES invoicing.customer (id),
  position bigint GENERATED ALWAYS AS IDENTITY,
  type text NOT NULL CHECK (type IN ('increment', 'decrement')),
  action text NOT NULL,
  amount numeric NOT NULL CHECK (amount >= 0),
  starting_balance numeric NOT NULL,
  ending_balance numeric NOT NULL,
  description text,
  invoice_id text REFERENCES invoicing.orb_invoice (id),
  credit_note_id text REFERENCES invoicing.orb_credit_note (id),
  created_at timestamptz(3) NOT NULL,
  CHECK (ending_balance = starting_balance + CASE type WHEN 'increment' THEN amount ELSE -amount END)
);
CREATE INDEX balance_transaction_customer_idx ON invoicing.balance_transaction (customer_id, position DESC);
CREATE INDEX balance_transaction_invoice_idx ON invoicing.balance_transaction (invoice_id)
  WHERE invoice_id IS NOT NULL;

GRANT SELECT, INSERT ON invoicing.orb_subscription, invoicing.orb_invoice, invoicing.orb_credit_note,
  invoicing.balance_transaction TO orbit_invoicing;
GRANT SELECT, INSERT, DELETE ON invoicing.orb_invoice_line TO orbit_invoicing;
GRANT UPDATE (name, metadata, settings, timeline, start_at, end_at, next_due_at) ON invoicing.orb_subscription
  TO orbit_invoicing;
GRANT UPDATE (stage, status, number, invoice_date, eligible_at, will_auto_issue, net_terms, due_at, issued_at, paid_at,
  payment_received_at, voided_at, subtotal, total, amount_due, closed, metadata, document, has_usage)
  ON invoicing.orb_invoice TO orbit_invoicing;
GRANT UPDATE (credited) ON invoicing.orb_invoice_line TO orbit_invoicing;
GRANT UPDATE (voided_at) ON invoicing.orb_credit_note TO orbit_invoicing;

-- A line of an issued document stays; of a draft it may go.
CREATE FUNCTION invoicing.keep_issued_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM invoicing.orb_invoice WHERE id = OLD.invoice_id AND stage = 'issued') THEN
    RAISE EXCEPTION 'a line of an issued invoice is never deleted';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER orb_invoice_line_is_kept BEFORE DELETE ON invoicing.orb_invoice_line
  FOR EACH ROW EXECUTE FUNCTION invoicing.keep_issued_lines();
