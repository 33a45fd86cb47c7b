/** The statements of one posting transaction: a constant number, whatever the size of the batch. */

// ORDER BY gives one lock order for everybody, so two batches never wait for each other in a ring.
export const LOCK_WALLETS = `
  SELECT w.* FROM wallet_ledger.wallet w
  JOIN unnest($1::text[], $2::text[]) AS k (organization_id, currency) USING (organization_id, currency)
  ORDER BY w.wallet_no FOR UPDATE OF w`;

export const READ_BLOCKS = `
  SELECT * FROM wallet_ledger.credit_block WHERE wallet_no = ANY ($1::bigint[]) AND remaining_micros > 0`;

export const READ_ENTRIES = `
  SELECT e.* FROM unnest($1::bigint[], $2::text[]) AS k (wallet_no, reference)
  JOIN wallet_ledger.entry e USING (wallet_no, reference) ORDER BY e.wallet_no, e.sequence`;

export const READ_REJECTIONS = `
  SELECT r.* FROM unnest($1::bigint[], $2::text[]) AS k (wallet_no, charge_id)
  JOIN wallet_ledger.rejection r USING (wallet_no, charge_id)`;

export const INSERT_ENTRIES = `
  INSERT INTO wallet_ledger.entry (wallet_no, sequence, type, from_account, to_account, slice, notices, amount_micros,
    balance_after_micros, block_sequence, quantity, occurred_at, booked_at, reference, channel, metadata)
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::smallint[],
    $7::smallint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::integer[], $12::timestamptz[], $13::timestamptz[],
    $14::text[], $15::text[], $16::jsonb[])`;

export const SAVE_BLOCKS = `
  INSERT INTO wallet_ledger.credit_block (wallet_no, sequence, kind, priority, cost_basis_micros, amount_micros,
    remaining_micros, effective_at, expires_at, created_at)
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::timestamptz[], $9::timestamptz[], $10::timestamptz[])
  ON CONFLICT (wallet_no, sequence) DO UPDATE SET remaining_micros = EXCLUDED.remaining_micros`;

// The version is the fence: a writer that has lost the wallet meanwhile updates fewer rows than it wants to.
export const UPDATE_WALLETS = `
  UPDATE wallet_ledger.wallet w SET balance_micros = n.balance_micros, sequence = n.sequence, version = n.version,
    alert_level = n.alert_level, paused_reason = n.paused_reason, last_topped_up_at = n.last_topped_up_at
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[])
    AS n (wallet_no, balance_micros, sequence, version, alert_level, paused_reason, last_topped_up_at)
  WHERE w.wallet_no = n.wallet_no AND w.version = n.version - 1`;

export const INSERT_REJECTIONS = `
  INSERT INTO wallet_ledger.rejection (wallet_no, charge_id, reason, amount_micros, channel, rejected_at)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])`;
