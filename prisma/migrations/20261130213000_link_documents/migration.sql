-- Whoever has a document's link may read it: the token is the only proof. Owned by apps/invoicing.
ALTER TABLE invoicing.orb_invoice ADD COLUMN link_token text NOT NULL
  DEFAULT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
CREATE UNIQUE INDEX orb_invoice_link_idx ON invoicing.orb_invoice (link_token);
ALTER TABLE invoicing.orb_credit_note ADD COLUMN link_token text NOT NULL
  DEFAULT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
CREATE UNIQUE INDEX orb_credit_note_link_idx ON invoicing.orb_credit_note (link_token);

-- Whom a printed document names: as of its first print, and again when it is made anew. No row ever changes.
CREATE TABLE invoicing.document_print (
  document_id text NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  name text NOT NULL,
  email text NOT NULL,
  -- Null: as the document itself has them.
  billing_address jsonb,
  customer_tax_id jsonb,
  -- Account time.
  made_at timestamptz(3) NOT NULL,
  PRIMARY KEY (document_id, version)
);

-- Links that open the customer portal; only a hash of the token is kept. Instants are real time.
CREATE TABLE invoicing.portal_session (
  id text PRIMARY KEY,
  account_id text NOT NULL,
  customer_id text NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3)
);
CREATE INDEX portal_session_customer_idx ON invoicing.portal_session (customer_id) WHERE ended_at IS NULL;

GRANT SELECT, INSERT ON invoicing.document_print TO orbit_invoicing;
GRANT SELECT, INSERT ON invoicing.portal_session TO orbit_invoicing;
GRANT UPDATE (ended_at) ON invoicing.portal_session TO orbit_invoicing;
