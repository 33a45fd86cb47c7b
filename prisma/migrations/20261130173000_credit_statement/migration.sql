-- What /v1 says of a block beside what the books say of it. A block without a row was made by the Orbit API.
CREATE TABLE wallet_ledger.block_terms (
  wallet_no bigint NOT NULL,
  sequence bigint NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  -- As it was written: the block's cost_basis_micros orders the draw-down, this is shown. Null: none was told.
  per_unit_cost_basis text,
  source text NOT NULL DEFAULT 'manual' CHECK (source IN ('allocation', 'top_up', 'commitment', 'manual')),
  PRIMARY KEY (wallet_no, sequence),
  FOREIGN KEY (wallet_no, sequence) REFERENCES wallet_ledger.credit_block (wallet_no, sequence)
);

-- Orb's credit ledger: a reading of the entries, in their order. It is no balance and may be made anew from them.
CREATE TABLE wallet_ledger.statement (
  wallet_no bigint NOT NULL REFERENCES wallet_ledger.wallet (wallet_no),
  -- The contract's ledger_sequence_number.
  number bigint NOT NULL,
  type text NOT NULL,
  amount_micros bigint NOT NULL,
  starting_micros bigint NOT NULL,
  ending_micros bigint NOT NULL,
  -- Null: what no block covered.
  block_sequence bigint,
  created_at timestamptz(3) NOT NULL,
  description text,
  metadata jsonb NOT NULL DEFAULT '{}',
  new_expiry_at timestamptz(3),
  void_reason text,
  void_micros bigint,
  -- Of real-time charges: the local day and the channel that this row adds up.
  day date,
  channel text,
  last_sequence bigint NOT NULL,
  PRIMARY KEY (wallet_no, number)
);
CREATE INDEX statement_block_idx ON wallet_ledger.statement (wallet_no, block_sequence);

-- How far each statement tells the entries of its wallet.
CREATE TABLE wallet_ledger.statement_cursor (
  wallet_no bigint PRIMARY KEY REFERENCES wallet_ledger.wallet (wallet_no),
  sequence bigint NOT NULL,
  balance_micros bigint NOT NULL,
  -- The first of the rows that the next charge may still join; null: none.
  open_from bigint
);

-- Answers of requests with an Idempotency-Key, written with their effect and kept for 48 hours.
CREATE TABLE wallet_ledger.idempotency_record (
  account_id text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status smallint NOT NULL,
  body text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_record_created_at_idx ON wallet_ledger.idempotency_record (created_at);

GRANT SELECT, INSERT ON wallet_ledger.block_terms TO orbit_wallet_ledger;
GRANT UPDATE (metadata) ON wallet_ledger.block_terms TO orbit_wallet_ledger;
GRANT SELECT, INSERT, UPDATE, DELETE ON wallet_ledger.statement TO orbit_wallet_ledger;
GRANT SELECT, INSERT, UPDATE ON wallet_ledger.statement_cursor TO orbit_wallet_ledger;
GRANT SELECT, INSERT, UPDATE, DELETE ON wallet_ledger.idempotency_record TO orbit_wallet_ledger;
